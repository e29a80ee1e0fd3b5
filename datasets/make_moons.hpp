#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <skarma/datasets/dataset.hpp>

namespace skarma {

/// scikit-learn's arguments of make_moons.
struct MoonsOptions {
  std::size_t n_samples = 100;
  bool shuffle = true;
  double noise = 0.0;  // standard deviation of the Gaussian noise; 0 = none
  std::optional<std::uint32_t> random_state{};  // nullopt: another stream each time
};

/// Two interleaving half circles, class 0 the upper and class 1 the lower one, with noise:
/// scikit-learn's make_moons, draw for draw. Throws std::invalid_argument for noise below 0.
Dataset make_moons(const MoonsOptions& options = {});

}  // namespace skarma
