#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/cpu/input/column_batch.hpp>
#include <skarma/core/cpu/input/inputs.hpp>
#include <skarma/core/cpu/input/sparse_row_cache.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

/// Brings samples into the form that a network takes: where they lie if it can read them there,
/// otherwise copied into room that is kept. Sparse samples of type T stay sparse. Batches can be
/// brought into columns, dense ones of few entries, too.
template <class T>
class InputReader {
 public:
  /// `team` must outlive the reader. Batches go into columns by `column_block`, as column_block()
  /// says, unless it is 0.
  InputReader(const SampleView& samples, const NetworkSpec& spec,
              ThreadTeam& team = ThreadTeam::alone(), std::size_t column_block = 0);

  const SampleView& samples() const { return samples_; }

  /// Samples first ... first + count - 1. What is returned is valid until the next call.
  Inputs<T> range(std::size_t first, std::size_t count);
  /// A batch: the samples at `positions`, in that order.
  Inputs<T> at(std::span<const RowIndex> positions);
  /// The same as a dense copy, which the caller may change until the next call.
  MatrixView<T> copied(std::span<const RowIndex> positions);

 private:
  T* room(std::size_t rows);
  template <class Position>
  const T* const* dense_rows(std::size_t count, Position position);
  template <class Position>
  kernels::SparseRows<T> sparse_rows(const CsrView<T>& matrix, std::size_t count,
                                     Position position);
  std::size_t most_entries(std::size_t count) const;
  Inputs<T> sorted(const kernels::SparseRows<T>& rows);

  SampleView samples_;
  ThreadTeam* team_;
  std::size_t column_block_;
  bool reads_rows_in_place_;
  std::vector<T> memory_;
  std::optional<std::pair<std::size_t, std::size_t>> range_in_memory_;
  std::vector<std::int64_t> begins_;
  std::vector<std::int64_t> ends_;
  std::vector<const T*> dense_rows_;
  std::optional<SparseRowCache<T>> cache_;
  ColumnBatch<T> columns_;
  std::size_t sorted_rows_ = 0;  // at most, so far
};

}  // namespace skarma
