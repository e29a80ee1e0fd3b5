#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <skarma/core/base/random_state.hpp>

namespace skarma {

/// The targets of some samples as the loss wants them: class codes for softmax, otherwise values
/// of shape (n, n_outputs). Weights are empty or one a sample.
template <class T>
struct Targets {
  std::vector<std::int32_t> codes;
  std::vector<T> values;
  std::vector<T> weights;
  std::size_t n_outputs = 1;

  std::size_t n_samples() const { return codes.empty() ? values.size() / n_outputs : codes.size(); }
  /// The targets at `positions`, in that order.
  Targets at(std::span<const RowIndex> positions) const;
};

}  // namespace skarma
