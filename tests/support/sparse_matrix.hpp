#pragma once

#include <vector>

#include <skarma/core/base/csr_view.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma::test {

/// A sparse matrix and the same one dense. Roughly `density` of the entries are there, columns of a
/// row in falling order.
template <class T>
struct SparseMatrix {
  Matrix<T> dense;
  std::vector<T> values;
  std::vector<std::int32_t> columns;
  std::vector<std::int64_t> row_starts{0};

  CsrView<T> view() const { return {values, columns, row_starts, dense.cols()}; }
};

template <class T = double>
SparseMatrix<T> sparse_matrix(std::size_t rows, std::size_t cols, double density,
                              std::uint32_t seed) {
  SparseMatrix<T> x{Matrix<T>(rows, cols), {}, {}};
  RandomState random_state(seed);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = cols; j-- > 0;) {
      if (random_state.uniform(0, 1) >= density) continue;
      x.dense(i, j) = static_cast<T>(random_state.uniform(-1, 1));
      x.values.push_back(x.dense(i, j));
      x.columns.push_back(static_cast<std::int32_t>(j));
    }
    x.row_starts.push_back(static_cast<std::int64_t>(x.values.size()));
  }
  return x;
}

}  // namespace skarma::test
