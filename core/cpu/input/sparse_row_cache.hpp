#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/kernels/kernel_table.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

/// Dense samples of few entries as sparse rows. The entries of a row are looked for when it is
/// first asked for and kept for later epochs, values and columns, as far as `most_bytes` reach;
/// those of further rows are looked for each time. Beside them it holds 8 bytes a sample and room
/// for a batch without zeros.
template <class T>
class SparseRowCache {
 public:
  static constexpr std::uint32_t kMostBytes = 16 << 20;

  /// `samples.dense<T>()` must not be null, and its memory stay as it is; `team` must outlive the
  /// cache. No number of threads changes a row.
  SparseRowCache(const SampleView& samples, ThreadTeam& team,
                 std::uint32_t most_bytes = kMostBytes);

  /// The samples at `positions`, in that order, the columns of each rising. Valid until the next
  /// call.
  kernels::SparseRows<T> at(std::span<const RowIndex> positions);

 private:
  struct Place {
    std::uint32_t begin = kMissing;
    std::uint32_t count = 0;
  };
  static constexpr auto kMissing = static_cast<std::uint32_t>(-1);

  void make_room(std::size_t n_rows);
  void find(std::span<const RowIndex> positions);
  void keep(std::span<const RowIndex> positions);
  void move_entries(std::size_t row, std::size_t to);

  SampleView samples_;
  ThreadTeam* team_;
  std::size_t most_kept_;  // entries
  std::size_t n_kept_ = 0;
  std::size_t room_ = 0;         // for entries
  std::unique_ptr<T[]> values_;  // of the kept entries, then of those found for this batch
  std::unique_ptr<std::int32_t[]> columns_;
  std::vector<Place> places_;         // of the samples
  std::vector<std::size_t> missing_;  // rows of the batch
  std::vector<std::int64_t> begins_;
  std::vector<std::int64_t> ends_;
};

}  // namespace skarma
