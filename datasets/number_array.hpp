#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/core/base/matrix.hpp>

namespace skarma {

/// The types of numbers in files of arrays, by NumPy's names.
enum class NumberType {
  boolean,
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  float16,
  float32,
  float64
};
/// "uint8" ...
std::string_view name_of(NumberType type);
/// In bytes.
std::size_t size_of(NumberType type);
/// Whether numbers of this type are all whole.
bool is_whole(NumberType type);

/// An array of numbers as a file has it: its shape, its type, and its numbers in row-major order,
/// which take the bytes that they take in the file.
class NumberArray {
 public:
  /// `bytes` are the numbers in this processor's order of bytes; there are as many as the shape
  /// says.
  NumberArray(std::vector<std::size_t> shape, NumberType type, std::string bytes);

  const std::vector<std::size_t>& shape() const { return shape_; }
  NumberType type() const { return type_; }
  std::size_t size() const;

  /// Number i in row-major order; int64 and uint64 beyond 2^53 are rounded.
  double operator[](std::size_t i) const;

  /// Samples: the first axis are rows, all others lie side by side, as do the pixels of images. Of
  /// float or double, into which numbers are rounded. Throws std::invalid_argument for an array of
  /// no axis.
  template <class T>
  Matrix<T> matrix() const;
  /// One number a sample, of int, float or double. Throws std::invalid_argument unless the shape is
  /// (n), or n and ones, and for int if a number is no int.
  template <class T>
  std::vector<T> list() const;

 private:
  std::vector<std::size_t> shape_;
  NumberType type_;
  std::string bytes_;
};

}  // namespace skarma
