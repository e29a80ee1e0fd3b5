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
/// (lapack.hpp), this is the only call of BLAS in skarma (tests/architecture/blas_symbols.py).
template <class T>
void gemm(std::size_t rows, std::size_t cols, std::size_t depth, BlasMatrix<const T> a,
          BlasMatrix<const T> b, BlasMatrix<T> c);

}  // namespace skarma::kernels
