#include <skarma/core/linalg/products.hpp>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/kernels/gemm.hpp>

namespace skarma {
namespace {

/// To BLAS, which goes by columns, rows are columns: the matrix is transposed.
template <class T>
kernels::BlasMatrix<const T> as_blas(MatrixView<const T> x, bool transposed = false) {
  return {x.data(), x.row_stride(), transposed};
}

/// The transpose of `result`, (rows, cols) to BLAS.
template <class T>
Matrix<T> filled(std::size_t rows, std::size_t cols, std::size_t depth,
                 kernels::BlasMatrix<const T> a, kernels::BlasMatrix<const T> b) {
  Matrix<T> result(cols, rows);
  if (rows > 0 && cols > 0 && depth > 0) {
    kernels::gemm<T>(rows, cols, depth, a, b, {result.data(), rows});
  }
  return result;
}

}  // namespace

template <class T>
Matrix<T> product(MatrixView<const T> a, MatrixView<const T> b) {
  SKARMA_CHECK(a.cols() == b.rows());
  return filled(b.cols(), a.rows(), a.cols(), as_blas(b), as_blas(a));
}

template <class T>
Matrix<T> product_with_transposed(MatrixView<const T> a, MatrixView<const T> b) {
  SKARMA_CHECK(a.cols() == b.cols());
  return filled(b.rows(), a.rows(), a.cols(), as_blas(b, true), as_blas(a));
}

template <class T>
Matrix<T> gram_matrix(MatrixView<const T> x) {
  return filled(x.cols(), x.cols(), x.rows(), as_blas(x), as_blas(x, true));
}

template Matrix<float> product(MatrixView<const float>, MatrixView<const float>);
template Matrix<double> product(MatrixView<const double>, MatrixView<const double>);
template Matrix<float> product_with_transposed(MatrixView<const float>, MatrixView<const float>);
template Matrix<double> product_with_transposed(MatrixView<const double>, MatrixView<const double>);
template Matrix<float> gram_matrix(MatrixView<const float>);
template Matrix<double> gram_matrix(MatrixView<const double>);

}  // namespace skarma
