#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <skarma/core/base/csr_view.hpp>

namespace skarma {

/// Owning sparse matrix in compressed rows: the arrays of a CsrView.
template <class T>
struct CsrMatrix {
  std::vector<T> values;
  std::vector<std::int32_t> columns;
  std::vector<std::int64_t> row_starts{0};
  std::size_t cols = 0;

  /// Ends the row to which the entries behind the last one belong.
  void end_row() { row_starts.push_back(static_cast<std::int64_t>(values.size())); }
  /// Throws std::invalid_argument if the arrays do not describe such a matrix.
  CsrView<T> view() const { return {values, columns, row_starts, cols}; }
};

}  // namespace skarma
