#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <skarma/core/base/csr_view.hpp>
#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/random_state.hpp>

namespace skarma::bench {

/// One among the columns of each category.
template <class T>
void fill_categories(std::span<T> row, double density, RandomState& random_state) {
  const auto columns = static_cast<std::size_t>(1 / density);
  for (std::size_t j = 0; j < row.size(); j += columns) {
    row[j + random_state.bounded(columns - 1)] = T(1);
  }
}

/// Runs of ones.
template <class T>
void fill_runs(std::span<T> row, double density, std::size_t length, RandomState& random_state) {
  const auto run = static_cast<double>(length);
  const double starts = density / (run - density * (run - 1));
  for (std::size_t j = 0; j < row.size(); ++j) {
    if (random_state.uniform(0, 1) >= starts) continue;
    for (const std::size_t end = std::min(j + length, row.size()); j < end; ++j) row[j] = T(1);
    --j;
  }
}

/// Samples of which a share of `density` is not zero: in runs of `run`, or, if it is 0, one-hot.
template <class T>
Matrix<T> sparse_samples(std::size_t n, std::size_t columns, double density, std::size_t run) {
  Matrix<T> x(n, columns);
  RandomState random_state(1);
  for (std::size_t i = 0; i < n; ++i) {
    if (run == 0) {
      fill_categories(x.row(i), density, random_state);
    } else {
      fill_runs(x.row(i), density, run, random_state);
    }
  }
  return x;
}

/// A matrix in compressed rows.
template <class T>
struct CompressedRows {
  std::vector<T> values;
  std::vector<std::int32_t> columns;
  std::vector<std::int64_t> row_starts{0};
  std::size_t cols;

  explicit CompressedRows(const Matrix<T>& x) : cols(x.cols()) {
    for (std::size_t i = 0; i < x.rows(); ++i) {
      for (std::size_t j = 0; j < cols; ++j) {
        if (x(i, j) == T(0)) continue;
        values.push_back(x(i, j));
        columns.push_back(static_cast<std::int32_t>(j));
      }
      row_starts.push_back(static_cast<std::int64_t>(values.size()));
    }
  }
  CsrView<T> view() const { return {values, columns, row_starts, cols}; }
};

}  // namespace skarma::bench
