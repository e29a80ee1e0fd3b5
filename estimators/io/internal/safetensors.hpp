#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skarma {

/// One tensor of a safetensors file: its type by the format's name ("F64"), its shape, its values
/// in row-major order as little-endian bytes.
struct Tensor {
  std::string dtype;
  std::vector<std::size_t> shape;
  std::string bytes;

  template <class T>
  static Tensor of(std::vector<std::size_t> shape, const std::vector<T>& values);
  /// The values. Throws std::runtime_error if they are of another type.
  template <class T>
  std::vector<T> values() const;
};

/// Named tensors and text: what a safetensors file holds (huggingface/safetensors, format 0.4).
struct Safetensors {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

std::string to_bytes(const Safetensors& file);

/// Reads any bytes safely. `source` names them in messages.
/// Throws std::runtime_error for bytes that are not a safetensors file.
Safetensors parse_safetensors(std::string_view bytes, const std::string& source);

}  // namespace skarma
