#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/base/thread_team.hpp>
#include <skarma/core/net/batch.hpp>

namespace skarma {

/// Brings samples into the form that a network takes: where they lie if they lie so, otherwise
/// copied into room that is kept. Sparse samples of type T stay sparse.
template <class T>
class InputReader {
 public:
  /// `team` must outlive the reader.
  explicit InputReader(const SampleView& samples, ThreadTeam& team = ThreadTeam::alone())
      : samples_(samples), team_(&team) {}

  const SampleView& samples() const { return samples_; }

  /// Samples first ... first + count - 1. What is returned is valid until the next call.
  Inputs<T> range(std::size_t first, std::size_t count);
  /// The samples at `positions`, in that order.
  Inputs<T> at(std::span<const RowIndex> positions);

 private:
  T* room(std::size_t rows);
  template <class Position>
  Inputs<T> sparse_rows(const CsrView<T>& matrix, std::size_t count, Position position);

  SampleView samples_;
  ThreadTeam* team_;
  std::vector<T> memory_;
  std::optional<std::pair<std::size_t, std::size_t>> range_in_memory_;
  std::vector<std::int64_t> begins_;
  std::vector<std::int64_t> ends_;
};

}  // namespace skarma
