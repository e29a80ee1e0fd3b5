#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <skarma/core/base/matrix_view.hpp>

namespace skarma {

// Figures of merit made of sums over samples, in which each has its weight: no weights are weights
// of 1.

double sum_of_weights(std::size_t n_samples, std::span<const double> weights);

/// sums / sum_of_weights, one for each output.
std::vector<double> means_of_sums(std::span<const double> sums, std::size_t n_samples,
                                  std::span<const double> weights);

double plain_mean(std::span<const double> values);

/// R2 by the sum of each output's squared errors; `truth` has shape (n_samples, n_outputs). NaN for
/// fewer than two samples.
double r2_of_sums(MatrixView<const double> truth, std::span<const double> squared_errors,
                  std::span<const double> weights);

}  // namespace skarma
