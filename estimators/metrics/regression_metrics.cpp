#include <skarma/estimators/metrics/regression_metrics.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <skarma/estimators/metrics/internal/figures_of_sums.hpp>
#include <skarma/estimators/metrics/internal/metric_checks.hpp>

namespace skarma {
namespace {

/// The weighted mean over the samples of loss(y, p), for each output.
template <class Loss>
std::vector<double> means(MatrixView<const double> truth, MatrixView<const double> predicted,
                          std::span<const double> weights, Loss loss) {
  check_same_shape(truth, predicted, weights);
  std::vector<double> sums(truth.cols());
  for (std::size_t i = 0; i < truth.rows(); ++i) {
    const double w = weights.empty() ? 1.0 : weights[i];
    for (std::size_t j = 0; j < sums.size(); ++j) {
      sums[j] += w * loss(truth(i, j), predicted(i, j));
    }
  }
  return means_of_sums(sums, truth.rows(), weights);
}

double squared(double y, double p) { return (y - p) * (y - p); }

/// The smallest value of which at least a share `level` of the weight is at most it: the constant
/// with the least pinball loss.
double lower_quantile(MatrixView<const double> values, double level,
                      std::span<const double> weights) {
  const auto weight_of = [&](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
  std::vector<std::size_t> order(values.rows());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return values(i, 0); });
  double total = 0.0, below = 0.0;
  for (const std::size_t i : order) total += weight_of(i);
  for (const std::size_t i : order) {
    below += weight_of(i);
    if (below >= level * total) return values(i, 0);
  }
  return values(order.back(), 0);
}

}  // namespace

double mean_squared_error(MatrixView<const double> truth, MatrixView<const double> predicted,
                          std::span<const double> sample_weight) {
  return plain_mean(means(truth, predicted, sample_weight, squared));
}

double root_mean_squared_error(MatrixView<const double> truth, MatrixView<const double> predicted,
                               std::span<const double> sample_weight) {
  auto errors = means(truth, predicted, sample_weight, squared);
  for (double& e : errors) e = std::sqrt(e);
  return plain_mean(errors);
}

double mean_absolute_error(MatrixView<const double> truth, MatrixView<const double> predicted,
                           std::span<const double> sample_weight) {
  return plain_mean(
      means(truth, predicted, sample_weight, [](double y, double p) { return std::abs(y - p); }));
}

double mean_pinball_loss(MatrixView<const double> truth, MatrixView<const double> predicted,
                         double level, std::span<const double> sample_weight) {
  return plain_mean(means(truth, predicted, sample_weight, [=](double y, double p) {
    return std::max(level * (y - p), (level - 1.0) * (y - p));
  }));
}

double d2_pinball_score(MatrixView<const double> truth, MatrixView<const double> predicted,
                        double level, std::span<const double> sample_weight) {
  if (truth.cols() != 1) {
    throw std::invalid_argument("Multioutput not supported in d2_pinball_score");
  }
  const double loss = mean_pinball_loss(truth, predicted, level, sample_weight);
  if (truth.rows() < 2) return std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> best(truth.rows(), lower_quantile(truth, level, sample_weight));
  const double of_constant = mean_pinball_loss(
      truth, MatrixView<const double>(best.data(), truth.rows(), 1), level, sample_weight);
  if (of_constant == 0.0) return loss == 0.0 ? 1.0 : 0.0;
  return 1.0 - loss / of_constant;
}

double mean_poisson_deviance(MatrixView<const double> truth, MatrixView<const double> predicted,
                             std::span<const double> sample_weight) {
  if (truth.cols() != 1) {
    throw std::invalid_argument("Multioutput not supported in mean_tweedie_deviance");
  }
  const auto deviance = [](double y, double p) {
    if (!(y >= 0.0 && p > 0.0)) {
      throw std::invalid_argument(
          "Mean Tweedie deviance error with power=1 can only be used on non-negative y and "
          "strictly positive y_pred.");
    }
    return 2.0 * ((y == 0.0 ? 0.0 : y * std::log(y / p)) - y + p);
  };
  return plain_mean(means(truth, predicted, sample_weight, deviance));
}

}  // namespace skarma
