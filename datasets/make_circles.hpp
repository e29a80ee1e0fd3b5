#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <skarma/datasets/dataset.hpp>

namespace skarma {

/// scikit-learn's arguments of make_circles.
struct CirclesOptions {
  std::size_t n_samples = 100;
  /// Samples of the outer and of the inner circle, in the place of half of n_samples each.
  std::optional<std::pair<std::size_t, std::size_t>> n_samples_of_circles{};
  bool shuffle = true;
  double noise = 0.0;   // standard deviation of the Gaussian noise; 0 = none
  double factor = 0.8;  // radius of the inner circle, [0, 1); that of the outer one is 1
  std::optional<std::uint32_t> random_state{};  // nullopt: another stream each time
};

/// Two circles with one centre, class 0 the outer and class 1 the inner one: scikit-learn's
/// make_circles, draw for draw. Throws std::invalid_argument for noise below 0 and another factor.
Dataset make_circles(const CirclesOptions& options = {});

}  // namespace skarma
