// Any bytes as an NPY or an IDX file: an error, or an array whose numbers can all be read.
#include <cstdint>
#include <stdexcept>

#include <skarma/datasets/read_idx.hpp>
#include <skarma/datasets/read_npy.hpp>

using namespace skarma;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const NumberArray array =
        begins_like_idx(bytes) ? parse_idx(bytes, "the input") : parse_npy(bytes, "the input");
    for (std::size_t i = 0; i < array.size(); ++i) (void)array[i];
    (void)array.list<double>();
  } catch (const std::runtime_error&) {
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
