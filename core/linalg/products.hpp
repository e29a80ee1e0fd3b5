#pragma once

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/matrix_view.hpp>

namespace skarma {

// Products of dense matrices, by BLAS on one thread.

/// a b: (n, m) and (m, k) give (n, k).
template <class T>
Matrix<T> product(MatrixView<const T> a, MatrixView<const T> b);
/// a b': (n, m) and (k, m) give (n, k).
template <class T>
Matrix<T> product_with_transposed(MatrixView<const T> a, MatrixView<const T> b);
/// x' x: (n, m) gives (m, m).
template <class T>
Matrix<T> gram_matrix(MatrixView<const T> x);

}  // namespace skarma
