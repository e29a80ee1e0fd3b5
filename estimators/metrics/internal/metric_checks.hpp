#pragma once

#include <cstddef>
#include <span>

#include <skarma/core/base/matrix_view.hpp>
#include <skarma/estimators/target.hpp>

namespace skarma {

// What every metric asks of its arguments, in scikit-learn's words. All throw
// std::invalid_argument.

/// As many predictions as true values, and one weight for each, not all of them 0, or no weights.
void check_same_samples(std::size_t truth, std::size_t predicted,
                        std::span<const double> sample_weight);
/// Numbers of the same shape, finite predictions, and weights for them.
void check_same_shape(MatrixView<const double> truth, MatrixView<const double> predicted,
                      std::span<const double> sample_weight);
/// One label a sample in both, or rows of as many labels in both, and weights for them.
void check_labels(const Target& truth, const Target& predicted,
                  std::span<const double> sample_weight);
/// Labels, and a row of finite probabilities for each sample.
void check_probabilities(const Target& truth, MatrixView<const double> proba,
                         std::span<const double> sample_weight);

}  // namespace skarma
