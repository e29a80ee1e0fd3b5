#pragma once

#include <span>

#include <skarma/core/base/matrix_view.hpp>

namespace skarma {

// Losses between numbers of shape (n_samples, n_outputs): weighted means over the samples, then
// plain means over the outputs. Source: scikit-learn, `sklearn.metrics`.

double mean_squared_error(MatrixView<const double> truth, MatrixView<const double> predicted,
                          std::span<const double> sample_weight = {});
/// The root of each output's mean squared error, then the mean over the outputs.
double root_mean_squared_error(MatrixView<const double> truth, MatrixView<const double> predicted,
                               std::span<const double> sample_weight = {});
double mean_absolute_error(MatrixView<const double> truth, MatrixView<const double> predicted,
                           std::span<const double> sample_weight = {});
/// The mean of 2 (y log(y / p) - y + p). Throws std::invalid_argument unless there is one output,
/// y >= 0 and p > 0.
double mean_poisson_deviance(MatrixView<const double> truth, MatrixView<const double> predicted,
                             std::span<const double> sample_weight = {});

/// The mean of max(level (y - p), (level - 1) (y - p)), the loss of the quantile at a level between
/// 0 and 1.
double mean_pinball_loss(MatrixView<const double> truth, MatrixView<const double> predicted,
                         double level, std::span<const double> sample_weight = {});
/// 1 less what the mean pinball loss is of the one that the best constant has; NaN for fewer than
/// two samples. Of one output.
double d2_pinball_score(MatrixView<const double> truth, MatrixView<const double> predicted,
                        double level, std::span<const double> sample_weight = {});

}  // namespace skarma
