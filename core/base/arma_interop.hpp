#pragma once

// The one public header that includes Armadillo: include it only where you use both.
#include <armadillo>

#include <skarma/core/base/matrix_view.hpp>

namespace skarma {

/// An Armadillo matrix of shape (n_features x n_samples) as samples in rows: the same memory, no
/// copy. The matrix must outlive the view.
template <class T>
MatrixView<const T> samples_in_columns(const arma::Mat<T>& x) {
  return {x.memptr(), x.n_cols, x.n_rows};
}

/// A contiguous view of shape (rows, cols) as an Armadillo matrix of shape (cols x rows): the same
/// memory, no copy. The view's memory must outlive the matrix.
/// Throws std::invalid_argument if the rows of the view are not contiguous.
template <class T>
const arma::Mat<T> as_arma(MatrixView<const T> x) {
  if (!x.is_contiguous()) {
    throw std::invalid_argument("as_arma needs a view whose rows lie one after another.");
  }
  return arma::Mat<T>(const_cast<T*>(x.data()), x.cols(), x.rows(), false, true);
}

}  // namespace skarma
