#pragma once

#include <vector>

#include <skarma/core/base/matrix.hpp>

namespace skarma {

/// x = u diag(s) vt with k = min(n, m): u is (n, k), s falls, vt is (k, m).
template <class T>
struct Svd {
  Matrix<T> u;
  std::vector<T> s;
  Matrix<T> vt;
};

/// The thin singular value decomposition of a finite matrix, by LAPACK (gesdd) on one thread.
/// Throws std::runtime_error if it does not converge, std::length_error if min(n, m) is beyond
/// 23,000.
template <class T>
Svd<T> svd(Matrix<T> x);

/// Eigenvalues in rising order; row i of `vectors` belongs to the i-th.
template <class T>
struct Eigh {
  std::vector<T> values;
  Matrix<T> vectors;
};

/// Eigenvalues and orthonormal eigenvectors of a finite symmetric matrix, by LAPACK (syevd) on one
/// thread. Throws as svd.
template <class T>
Eigh<T> eigh(Matrix<T> symmetric);

}  // namespace skarma
