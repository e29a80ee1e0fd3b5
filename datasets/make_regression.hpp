#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <skarma/datasets/dataset.hpp>

namespace skarma {

/// scikit-learn's arguments of make_regression.
struct RegressionOptions {
  std::size_t n_samples = 100;
  std::size_t n_features = 100;
  std::size_t n_informative = 10;  // features that targets depend on
  std::size_t n_targets = 1;
  double bias = 0.0;
  /// Features are mixtures of about so many; nullopt: they are independent.
  std::optional<std::size_t> effective_rank{};
  double tail_strength = 0.5;  // weight of the other mixtures, [0, 1]
  double noise = 0.0;          // standard deviation of what is added to targets
  bool shuffle = true;
  std::optional<std::uint32_t> random_state{};  // nullopt: another stream each time
};

/// Samples and targets, and the linear model that the targets are of.
struct RegressionDataset : Dataset {
  Matrix<double> targets;  // (n_samples, n_targets); y is its first column
  Matrix<double> coef;     // (n_features, n_targets): targets = x coef + bias + noise
};

/// Targets that are linear in some of the features: scikit-learn's make_regression, draw for draw,
/// to rounding. Throws std::invalid_argument for no samples, features or targets, a rank of 0,
/// noise below 0 and a tail_strength outside of [0, 1].
RegressionDataset make_regression(const RegressionOptions& options = {});

}  // namespace skarma
