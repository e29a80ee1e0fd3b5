#pragma once

#include <cstddef>

namespace skarma {

/// One fit that a search asks for: a candidate, trained and tested on a fold. It is small and takes
/// no memory of its own; the candidate's parameters are TrialSource::params().
struct Trial {
  std::size_t candidate = 0;
  std::size_t fold = 0;
  double resource = 1.0;  // the share of the training samples; sources that ration it give less
  bool operator==(const Trial&) const = default;
};

}  // namespace skarma
