#include <skarma/core/net/input_reader.hpp>

#include <algorithm>

namespace skarma {

template <class T>
T* InputReader<T>::room(std::size_t rows) {
  const std::size_t needed = rows * samples_.n_features();
  if (memory_.size() < needed) memory_.resize(needed);
  range_in_memory_.reset();
  return memory_.data();
}

template <class T>
template <class Position>
Inputs<T> InputReader<T>::sparse_rows(const CsrView<T>& matrix, std::size_t count,
                                      Position position) {
  begins_.resize(std::max(begins_.size(), count));
  ends_.resize(begins_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = samples_.stored_row(position(i));
    begins_[i] = matrix.row_starts()[row];
    ends_[i] = matrix.row_starts()[row + 1];
  }
  return kernels::SparseRows<T>{matrix.values(), matrix.columns(), begins_.data(), ends_.data(),
                                count};
}

template <class T>
Inputs<T> InputReader<T>::range(std::size_t first, std::size_t count) {
  if (const auto* matrix = samples_.template sparse<T>()) {
    return sparse_rows(*matrix, count, [first](std::size_t i) { return first + i; });
  }
  const auto* plain = samples_.template plain<T>();
  if (plain != nullptr && plain->is_contiguous()) return plain->row(first).data();
  const std::pair wanted{first, count};
  if (range_in_memory_ != wanted) {
    samples_.gather(first, count, room(count));
    range_in_memory_ = wanted;
  }
  return memory_.data();
}

template <class T>
Inputs<T> InputReader<T>::at(std::span<const RowIndex> positions) {
  if (const auto* matrix = samples_.template sparse<T>()) {
    return sparse_rows(*matrix, positions.size(),
                       [positions](std::size_t i) { return positions[i]; });
  }
  T* memory = room(positions.size());
  const std::size_t width = samples_.n_features();
  run_in_parts(*team_, positions.size(), positions.size() * width,
               [&](std::size_t begin, std::size_t end) {
                 samples_.gather(positions.subspan(begin, end - begin), memory + begin * width);
               });
  return memory;
}

template class InputReader<float>;
template class InputReader<double>;

}  // namespace skarma
