#include <skarma/core/cpu/input/input_reader.hpp>

#include <algorithm>
#include <functional>
#include <numeric>

#include <skarma/core/cpu/layers/dense.hpp>

namespace skarma {

using kernels::DenseRows;

namespace {

/// Whether a network reads the rows of `samples` where they lie. Without hidden layers it had
/// better not: its delta has no padding, for which the gradient has a way of its own.
template <class T>
bool reads_in_place(const SampleView& samples, const NetworkSpec& spec) {
  const LayerPlace& first = spec.layers().front();
  return samples.dense<T>() != nullptr && spec.layers().size() > 1 &&
         takes_rows_anywhere(first.inputs, first.outputs);
}

}  // namespace

template <class T>
InputReader<T>::InputReader(const SampleView& samples, const NetworkSpec& spec, ThreadTeam& team,
                            std::size_t column_block)
    : samples_(samples),
      team_(&team),
      column_block_(column_block),
      reads_rows_in_place_(reads_in_place<T>(samples, spec)) {
  if (column_block == 1 && samples.template dense<T>() != nullptr) cache_.emplace(samples, team);
}

template <class T>
T* InputReader<T>::room(std::size_t rows) {
  const std::size_t needed = rows * samples_.n_features();
  if (memory_.size() < needed) memory_.resize(needed);
  range_in_memory_.reset();
  return memory_.data();
}

template <class T>
template <class Position>
kernels::SparseRows<T> InputReader<T>::sparse_rows(const CsrView<T>& matrix, std::size_t count,
                                                   Position position) {
  begins_.resize(std::max(begins_.size(), count));
  ends_.resize(begins_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = samples_.stored_row(position(i));
    begins_[i] = matrix.row_starts()[row];
    ends_[i] = matrix.row_starts()[row + 1];
  }
  return {matrix.values(), matrix.columns(), begins_.data(), ends_.data(), count};
}

/// How many entries a batch of `count` rows may have: all places of dense rows, or those of the
/// longest sparse ones.
template <class T>
std::size_t InputReader<T>::most_entries(std::size_t count) const {
  const auto* matrix = samples_.template sparse<T>();
  if (matrix == nullptr) return count * samples_.n_features();
  std::vector<std::size_t> lengths(samples_.n_samples());
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    lengths[i] = matrix->row_values(samples_.stored_row(i)).size();
  }
  const auto end = lengths.begin() + static_cast<std::ptrdiff_t>(std::min(count, lengths.size()));
  std::nth_element(lengths.begin(), end, lengths.end(), std::greater<>());
  return std::accumulate(lengths.begin(), end, std::size_t{0});
}

/// Entries of compressed rows by columns, and by rows where that is quicker forward.
template <class T>
Inputs<T> InputReader<T>::sorted(const kernels::SparseRows<T>& rows) {
  if (rows.rows > sorted_rows_) {
    columns_.reserve(most_entries(rows.rows), column_block_, samples_.n_features());
    sorted_rows_ = rows.rows;
  }
  const auto columns = columns_.from_rows(rows, samples_.n_features(), column_block_);
  if (column_block_ == 1) return SparseRowsAndColumns<T>{rows, columns};
  return columns;
}

/// Where the rows of dense samples begin.
template <class T>
template <class Position>
const T* const* InputReader<T>::dense_rows(std::size_t count, Position position) {
  const auto& matrix = *samples_.template dense<T>();
  dense_rows_.resize(std::max(dense_rows_.size(), count));
  for (std::size_t i = 0; i < count; ++i) {
    dense_rows_[i] = matrix.row(samples_.stored_row(position(i))).data();
  }
  return dense_rows_.data();
}

template <class T>
Inputs<T> InputReader<T>::range(std::size_t first, std::size_t count) {
  if (const auto* matrix = samples_.template sparse<T>()) {
    return sparse_rows(*matrix, count, [first](std::size_t i) { return first + i; });
  }
  const auto* plain = samples_.template plain<T>();
  if (plain != nullptr && (plain->is_contiguous() || reads_rows_in_place_)) {
    return DenseRows(plain->row(first).data(), plain->row_stride());
  }
  if (reads_rows_in_place_) {
    return DenseRows(dense_rows(count, [first](std::size_t i) { return first + i; }));
  }
  const std::pair wanted{first, count};
  if (range_in_memory_ != wanted) {
    samples_.gather(first, count, room(count));
    range_in_memory_ = wanted;
  }
  return DenseRows<T>(memory_.data(), samples_.n_features());
}

template <class T>
Inputs<T> InputReader<T>::at(std::span<const RowIndex> positions) {
  const std::size_t n = positions.size(), width = samples_.n_features();
  const auto position = [positions](std::size_t i) { return positions[i]; };
  if (const auto* matrix = samples_.template sparse<T>()) {
    const auto rows = sparse_rows(*matrix, n, position);
    return column_block_ == 0 ? rows : sorted(rows);
  }
  if (cache_) return sorted(cache_->at(positions));
  if (column_block_ > 0) return columns_.from_dense({dense_rows(n, position), n}, width, *team_);
  if (reads_rows_in_place_) return DenseRows(dense_rows(n, position));
  return DenseRows<T>(copied(positions).data(), width);
}

template <class T>
MatrixView<T> InputReader<T>::copied(std::span<const RowIndex> positions) {
  const std::size_t n = positions.size(), width = samples_.n_features();
  T* memory = room(n);
  run_in_parts(*team_, n, n * width, [&](std::size_t begin, std::size_t end) {
    samples_.gather(positions.subspan(begin, end - begin), memory + begin * width);
  });
  return {memory, n, width};
}

template class InputReader<float>;
template class InputReader<double>;

}  // namespace skarma
