#include <skarma/core/cpu/input/column_batch.hpp>

#include <algorithm>

#include <skarma/core/kernels/dispatch.hpp>

namespace skarma {
namespace {

using kernels::kColumnBlock;

/// Calls begin_block(block, row) where a row goes on in another block of columns, and
/// add(value, column) for each entry.
template <std::size_t width, class T, class BeginBlock, class Add>
void for_each_entry(const kernels::SparseRows<T>& x, BeginBlock begin_block, Add add) {
  for (std::size_t i = 0; i < x.rows; ++i) {
    auto block = static_cast<std::size_t>(-1);
    for (auto k = x.begins[i]; k < x.ends[i]; ++k) {
      const auto column = static_cast<std::size_t>(x.columns[k]);
      if (width == 1 || column / width != block) {
        block = column / width;
        begin_block(block, i);
      }
      add(x.values[k], column % width);
    }
  }
}

}  // namespace

template <class T>
void ColumnBatch<T>::reserve(std::size_t n_entries, std::size_t width, std::size_t n_columns) {
  rows_.reserve(n_entries);
  values_.reserve(n_entries * width);
  begins_.reserve(n_columns);
  ends_.reserve(n_columns);
}

template <class T>
void ColumnBatch<T>::make_room(std::size_t n_entries, std::size_t width, std::size_t n_blocks) {
  if (rows_.size() < n_entries) rows_.resize(n_entries);
  if (values_.size() < n_entries * width) values_.resize(n_entries * width);
  begins_.resize(n_blocks);
  ends_.resize(n_blocks);
}

template <class T>
kernels::SparseColumns<T> ColumnBatch<T>::from_dense(std::span<const T* const> rows,
                                                     std::size_t n_columns, ThreadTeam& team) {
  constexpr std::size_t columns_of_piece = 64;
  const std::size_t n_blocks = (n_columns + kColumnBlock - 1) / kColumnBlock;
  make_room(n_blocks * rows.size(), kColumnBlock, n_blocks);
  for (std::size_t b = 0; b < n_blocks; ++b) {
    begins_[b] = static_cast<std::int64_t>(b * rows.size());
  }
  std::ranges::copy(begins_, ends_.begin());
  const std::size_t pieces = (n_columns + columns_of_piece - 1) / columns_of_piece;
  run_in_parts(team, pieces, rows.size() * n_columns, [&](std::size_t begin, std::size_t end) {
    kernels::table<T>().append_blocks(rows.data(), rows.size(), begin * columns_of_piece,
                                      std::min(end * columns_of_piece, n_columns),
                                      {values_.data(), rows_.data(), ends_.data()});
  });
  return {values_.data(), rows_.data(), begins_.data(), ends_.data(),
          rows.size(),    n_columns,    kColumnBlock};
}

/// A counting sort.
template <class T>
template <std::size_t width>
void ColumnBatch<T>::sort(const kernels::SparseRows<T>& rows, std::size_t n_columns) {
  begins_.assign((n_columns + width - 1) / width, 0);
  for_each_entry<width>(
      rows, [&](std::size_t block, std::size_t) { ++begins_[block]; }, [](T, std::size_t) {});
  std::int64_t n_entries = 0;
  for (std::int64_t& begin : begins_) {
    const std::int64_t count = begin;
    begin = n_entries;
    n_entries += count;
  }
  ends_.resize(begins_.size());
  std::ranges::copy(begins_, ends_.begin());
  std::size_t entry = 0;
  for_each_entry<width>(
      rows,
      [&](std::size_t block, std::size_t row) {
        entry = static_cast<std::size_t>(ends_[block]++);
        rows_[entry] = static_cast<std::int32_t>(row);
        std::fill_n(values_.begin() + static_cast<std::ptrdiff_t>(entry * width), width, T(0));
      },
      [&](T value, std::size_t place) { values_[entry * width + place] += value; });
}

template <class T>
kernels::SparseColumns<T> ColumnBatch<T>::from_rows(const kernels::SparseRows<T>& rows,
                                                    std::size_t n_columns, std::size_t width) {
  std::size_t n_entries = 0;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    n_entries += static_cast<std::size_t>(rows.ends[i] - rows.begins[i]);
  }
  make_room(n_entries, width, (n_columns + width - 1) / width);
  width == 1 ? sort<1>(rows, n_columns) : sort<kColumnBlock>(rows, n_columns);
  return {values_.data(), rows_.data(), begins_.data(), ends_.data(), rows.rows, n_columns, width};
}

template class ColumnBatch<float>;
template class ColumnBatch<double>;

}  // namespace skarma
