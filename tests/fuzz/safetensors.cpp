// Any bytes as a safetensors file: an error, or a file that is the same after writing and reading.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>

#include <skarma/estimators/io/internal/safetensors.hpp>

using namespace skarma;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Safetensors file;
  try {
    file = parse_safetensors(bytes, "the input");
  } catch (const std::runtime_error&) {
    return 0;
  }
  const Safetensors again = parse_safetensors(to_bytes(file), "the copy");
  if (again.metadata != file.metadata || again.tensors.size() != file.tensors.size()) std::abort();
  for (const auto& [name, tensor] : file.tensors) {
    const Tensor& copy = again.tensors.at(name);
    if (copy.dtype != tensor.dtype || copy.shape != tensor.shape || copy.bytes != tensor.bytes) {
      std::abort();
    }
  }
  return 0;
}
