#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include <skarma/core/base/sample_view.hpp>

namespace skarma {

/// Appends one row of a sparse matrix; a column that comes twice becomes one entry, their sum.
template <class T>
void append_row(const CsrView<T>& x, std::size_t row, CsrMatrix<T>& to) {
  const auto columns = x.row_columns(row);
  const auto values = x.row_values(row);
  const auto not_rising =
      std::adjacent_find(columns.begin(), columns.end(), std::greater_equal<std::int32_t>());
  if (not_rising == columns.end()) {
    to.columns.insert(to.columns.end(), columns.begin(), columns.end());
    to.values.insert(to.values.end(), values.begin(), values.end());
    return to.end_row();
  }
  std::vector<std::pair<std::int32_t, T>> entries;
  for (std::size_t k = 0; k < columns.size(); ++k) entries.emplace_back(columns[k], values[k]);
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  const std::size_t first = to.columns.size();
  for (const auto& [column, value] : entries) {
    if (to.columns.size() > first && to.columns.back() == column) {
      to.values.back() += value;
    } else {
      to.columns.push_back(column);
      to.values.push_back(value);
    }
  }
  to.end_row();
}

/// A copy of sparse samples of type T without transforms, the chosen rows alone.
template <class T>
CsrMatrix<T> copied_rows(const SampleView& x) {
  const CsrView<T>& stored = *x.sparse<T>();
  CsrMatrix<T> copy;
  copy.cols = stored.cols();
  for (std::size_t i = 0; i < x.n_samples(); ++i) append_row(stored, x.stored_row(i), copy);
  return copy;
}

/// The entries of row i of a matrix that may be changed.
template <class T>
std::pair<std::span<const std::int32_t>, std::span<T>> row_of(CsrMatrix<T>& x, std::size_t i) {
  const auto begin = static_cast<std::size_t>(x.row_starts[i]);
  const auto size = static_cast<std::size_t>(x.row_starts[i + 1]) - begin;
  return {std::span<const std::int32_t>(x.columns).subspan(begin, size),
          std::span<T>(x.values).subspan(begin, size)};
}

}  // namespace skarma
