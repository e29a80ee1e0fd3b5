#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

namespace skarma::gpu {

/// A row-major matrix of each of several models, those of neighbours `model_step` elements apart.
template <class T>
struct ModelMatrices {
  T* data;
  std::size_t row_step;
  std::size_t model_step;
  bool transposed = false;  // what is stored is; row_step is that of what is stored
};

/// What a product is finished with, in the terms of Epilogue.
enum class EpilogueKind : std::uint8_t {
  none,
  bias,             // c + vector, one number a column
  relu,             // ReLU of that; keeps where it is above 0, if there is `kept`
  gelu_tanh,        // gelu_tanh of that; keeps what it is taken of
  relu_slope,       // c times the derivative of the ReLU that has kept
  gelu_tanh_slope,  // c times that of gelu_tanh at what it has kept
  column_sums       // c; the sums of the columns of b go to vector
};

template <class T>
struct Epilogue {
  EpilogueKind kind = EpilogueKind::none;
  T* vector = nullptr;  // (columns) of each model
  std::size_t vector_step = 0;
  std::byte* kept = nullptr;  // of each model, kept_bytes(); a device has its own order in it
  std::size_t kept_step = 0;  // bytes
};

/// Elements between rows of what is kept: bits for a ReLU, numbers for gelu_tanh.
constexpr std::size_t kept_row_step(bool is_relu, std::size_t columns) {
  const std::size_t whole = is_relu ? 128 : 8;
  return (columns + whole - 1) / whole * whole;
}
template <class T>
constexpr std::size_t kept_bytes(bool is_relu, std::size_t rows, std::size_t columns) {
  const std::size_t elements = rows * kept_row_step(is_relu, columns);
  return is_relu ? elements / 8 : elements * sizeof(T);
}

/// c = a b, or c += a b, for each of `n` models: (rows, columns) = (rows, depth) (depth, columns).
/// How a sum is made does not depend on n.
template <class T>
struct Products {
  ModelMatrices<const T> a, b;
  ModelMatrices<T> c;
  std::size_t rows, columns, depth;
  std::size_t n;
  bool adds = false;
  bool tf32 = false;  // float: factors may be rounded to 10 bits of mantissa
  Epilogue<T> epilogue{};
};
using AnyProducts = std::variant<Products<float>, Products<double>>;

}  // namespace skarma::gpu
