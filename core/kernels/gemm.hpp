#pragma once

#include <cstddef>

namespace skarma::kernels {

/// A matrix in BLAS's own order: columns contiguous, `stride` elements apart.
template <class T>
struct BlasMatrix {
  T* data;
  std::size_t stride;
  bool transposed = false;
};

/// c = a b, where c has the shape (rows, cols) and the sums run over `depth`. One thread, whatever
/// the process has set: several round otherwise. Beside dlib's for L-BFGS and LAPACK
/// (lapack.hpp), these are the only calls of BLAS in skarma (tests/architecture/blas_symbols.py).
template <class T>
void gemm(std::size_t rows, std::size_t cols, std::size_t depth, BlasMatrix<const T> a,
          BlasMatrix<const T> b, BlasMatrix<T> c);

/// c += a a' for `a` of shape (n, depth), not transposed; of `c` the lower triangle. One thread.
void add_gram(std::size_t n, std::size_t depth, BlasMatrix<const double> a, BlasMatrix<double> c);

}  // namespace skarma::kernels
