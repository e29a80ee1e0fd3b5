#include <skarma/core/cpu/input/sparse_row_cache.hpp>

#include <algorithm>
#include <utility>

#include <skarma/core/kernels/dispatch.hpp>

namespace skarma {

template <class T>
SparseRowCache<T>::SparseRowCache(const SampleView& samples, ThreadTeam& team,
                                  std::uint32_t most_bytes)
    : samples_(samples),
      team_(&team),
      most_kept_(most_bytes / (sizeof(T) + sizeof(std::int32_t))),
      places_(samples.n_samples()) {}

template <class T>
kernels::SparseRows<T> SparseRowCache<T>::at(std::span<const RowIndex> positions) {
  begins_.resize(std::max(begins_.size(), positions.size()));
  ends_.resize(begins_.size());
  missing_.clear();
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const Place place = places_[positions[i]];
    if (place.begin == kMissing) missing_.push_back(i);
    begins_[i] = place.begin;
    ends_[i] = std::int64_t{place.begin} + place.count;
  }
  if (!missing_.empty()) {
    make_room(missing_.size());
    find(positions);
    keep(positions);
  }
  return {values_.get(), columns_.get(), begins_.data(), ends_.data(), positions.size()};
}

/// For the entries of so many rows behind the kept ones. The first call asks for all that will be
/// kept: memory that is never written does not become resident.
template <class T>
void SparseRowCache<T>::make_room(std::size_t n_rows) {
  const std::size_t width = samples_.n_features(), needed = n_kept_ + n_rows * width;
  if (room_ >= needed) return;
  const std::size_t room =
      std::max(needed, std::min(samples_.n_samples() * width, most_kept_ + n_rows * width));
  auto values = std::make_unique_for_overwrite<T[]>(room);
  auto columns = std::make_unique_for_overwrite<std::int32_t[]>(room);
  std::copy_n(values_.get(), n_kept_, values.get());
  std::copy_n(columns_.get(), n_kept_, columns.get());
  values_ = std::move(values);
  columns_ = std::move(columns);
  room_ = room;
}

template <class T>
void SparseRowCache<T>::find(std::span<const RowIndex> positions) {
  const auto& matrix = *samples_.template dense<T>();
  const std::size_t width = matrix.cols(), n = missing_.size();
  const auto row = [&](std::size_t k) {
    return matrix.row(samples_.stored_row(positions[missing_[k]])).data();
  };
  run_in_parts(*team_, n, n * width, [&](std::size_t begin, std::size_t end) {
    std::size_t entry = n_kept_ + begin * width;
    for (std::size_t k = begin; k < end; ++k) {
      begins_[missing_[k]] = static_cast<std::int64_t>(entry);
      entry += kernels::table<T>().nonzero_entries(row(k), width, row(std::min(k + 1, n - 1)),
                                                   values_.get() + entry, columns_.get() + entry);
      ends_[missing_[k]] = static_cast<std::int64_t>(entry);
    }
  });
}

/// Joins what was found to the kept entries, row by row, until there is no more room.
template <class T>
void SparseRowCache<T>::keep(std::span<const RowIndex> positions) {
  for (const std::size_t i : missing_) {
    const auto count = static_cast<std::size_t>(ends_[i] - begins_[i]);
    if (n_kept_ + count > most_kept_) {
      most_kept_ = n_kept_;
      return;
    }
    move_entries(i, n_kept_);
    places_[positions[i]] = {static_cast<std::uint32_t>(n_kept_),
                             static_cast<std::uint32_t>(count)};
    n_kept_ += count;
  }
}

/// Entries of a row of the batch to where no later ones lie.
template <class T>
void SparseRowCache<T>::move_entries(std::size_t row, std::size_t to) {
  const auto begin = static_cast<std::size_t>(begins_[row]);
  if (begin == to) return;
  const auto count = static_cast<std::size_t>(ends_[row]) - begin;
  std::copy_n(values_.get() + begin, count, values_.get() + to);
  std::copy_n(columns_.get() + begin, count, columns_.get() + to);
  begins_[row] = static_cast<std::int64_t>(to);
  ends_[row] = static_cast<std::int64_t>(to + count);
}

template class SparseRowCache<float>;
template class SparseRowCache<double>;

}  // namespace skarma
