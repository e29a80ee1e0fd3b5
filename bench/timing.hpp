#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <vector>

namespace skarma::bench {

/// Seconds of one call of each piece of work: the least of `rounds` rounds, in which the pieces
/// take turns and each is called `calls` times.
inline std::vector<double> least_seconds(const std::vector<std::function<void()>>& works,
                                         int rounds, int calls) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> least(works.size(), std::numeric_limits<double>::infinity());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < works.size(); ++i) {
      const auto start = Clock::now();
      for (int call = 0; call < calls; ++call) works[i]();
      const std::chrono::duration<double> time = Clock::now() - start;
      least[i] = std::min(least[i], time.count() / calls);
    }
  }
  return least;
}

}  // namespace skarma::bench
