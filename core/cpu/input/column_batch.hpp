#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <skarma/core/kernels/kernel_table.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

/// A batch of sparse inputs by columns, made from dense or compressed rows, in room that is kept.
/// The entries of a column are in the order of the rows. What is returned is valid until the next
/// call.
template <class T>
class ColumnBatch {
 public:
  /// Makes room for so many entries of `width` columns, so that from_rows() allocates no more.
  void reserve(std::size_t n_entries, std::size_t width, std::size_t n_columns);
  /// From dense rows, by blocks of kColumnBlock columns. No number of threads changes it.
  kernels::SparseColumns<T> from_dense(std::span<const T* const> rows, std::size_t n_columns,
                                       ThreadTeam& team);
  /// From compressed rows, by `width` columns, 1 or kColumnBlock.
  kernels::SparseColumns<T> from_rows(const kernels::SparseRows<T>& rows, std::size_t n_columns,
                                      std::size_t width);

 private:
  void make_room(std::size_t n_entries, std::size_t width, std::size_t n_blocks);
  template <std::size_t width>
  void sort(const kernels::SparseRows<T>& rows, std::size_t n_columns);

  std::vector<T> values_;
  std::vector<std::int32_t> rows_;
  std::vector<std::int64_t> begins_;
  std::vector<std::int64_t> ends_;
};

}  // namespace skarma
