#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace skarma {

/// Non-owning view of a sparse matrix of shape (rows, cols) in compressed rows, SciPy's CSR: row i
/// has the entries number row_starts[i] ... row_starts[i + 1] - 1. Columns may come in any order;
/// one that comes twice counts as the sum of its values.
template <class T>
class CsrView {
 public:
  using value_type = T;

  CsrView() = default;
  /// Throws std::invalid_argument if the arrays do not describe such a matrix.
  CsrView(std::span<const T> values, std::span<const std::int32_t> columns,
          std::span<const std::int64_t> row_starts, std::size_t cols);

  const T* values() const { return values_.data(); }
  const std::int32_t* columns() const { return columns_.data(); }
  const std::int64_t* row_starts() const { return row_starts_.data(); }
  std::size_t rows() const { return row_starts_.empty() ? 0 : row_starts_.size() - 1; }
  std::size_t cols() const { return cols_; }

  std::span<const T> row_values(std::size_t i) const { return values_.subspan(at(i), length(i)); }
  std::span<const std::int32_t> row_columns(std::size_t i) const {
    return columns_.subspan(at(i), length(i));
  }

 private:
  std::size_t at(std::size_t i) const { return static_cast<std::size_t>(row_starts_[i]); }
  std::size_t length(std::size_t i) const { return at(i + 1) - at(i); }

  std::span<const T> values_;
  std::span<const std::int32_t> columns_;
  std::span<const std::int64_t> row_starts_;
  std::size_t cols_ = 0;
};

}  // namespace skarma
