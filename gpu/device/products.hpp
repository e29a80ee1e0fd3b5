#pragma once

#include <cstddef>
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

/// c = a b, or c += a b, for each of `n` models: (rows, columns) = (rows, depth) (depth, columns).
/// How a sum is made does not depend on n.
template <class T>
struct Products {
  ModelMatrices<const T> a, b;
  ModelMatrices<T> c;
  std::size_t rows, columns, depth;
  std::size_t n;
  bool adds = false;
};
using AnyProducts = std::variant<Products<float>, Products<double>>;

}  // namespace skarma::gpu
