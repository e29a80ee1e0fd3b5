#pragma once

#include <cstddef>

namespace skarma::kernels {

/// LAPACK's thin singular value decomposition of a matrix in BLAS's order (columns contiguous),
/// shape (rows, cols), which is overwritten: with k = min(rows, cols), `u` gets (rows, k), `s` k
/// values in falling order, `vt` (k, cols). One thread, as with gemm. Returns whether it converged.
/// Throws std::length_error where LAPACK cannot count the work space.
template <class T>
bool gesdd(std::size_t rows, std::size_t cols, T* a, T* s, T* u, T* vt);

/// Eigenvalues of a symmetric matrix of shape (n, n), in rising order, and, in its place, its
/// eigenvectors as columns. Returns whether it converged. Throws as gesdd.
template <class T>
bool syevd(std::size_t n, T* a, T* values);

/// Solves a x = b by Cholesky's factors of a symmetric matrix of shape (n, n), whose lower triangle
/// in BLAS's order is read and overwritten; `b` becomes x. Returns whether the matrix is positive
/// definite.
bool posv(std::size_t n, double* a, double* b);
/// The thin QR decomposition of a matrix in BLAS's order, shape (rows, cols) with rows >= cols, by
/// Householder's reflections: Q takes its place, `diagonal` gets the cols of R's. Throws as gesdd.
template <class T>
void qr(std::size_t rows, std::size_t cols, T* a, T* diagonal);

}  // namespace skarma::kernels
