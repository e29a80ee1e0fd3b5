#pragma once

#include <cstddef>

namespace skarma {

/// The share of one of several processes in a search: of `count` shares the one with this number,
/// from 1. Fit number i, candidate by candidate and fold by fold from 0, is in share i % count + 1.
struct Shard {
  std::size_t number = 1;
  std::size_t count = 1;

  /// How many of so many fits it has.
  std::size_t share_of(std::size_t n_fits) const {
    return n_fits / count + (number <= n_fits % count ? 1 : 0);
  }
  bool has(std::size_t fit) const { return fit % count + 1 == number; }
};

}  // namespace skarma
