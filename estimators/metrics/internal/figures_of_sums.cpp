#include <skarma/estimators/metrics/internal/figures_of_sums.hpp>

#include <limits>

#include <skarma/estimators/metrics/internal/weighted.hpp>

namespace skarma {
namespace {

/// The weighted sum of squared distances from the mean of an output.
double variation(MatrixView<const double> truth, std::size_t output,
                 std::span<const double> weights, double total_weight) {
  double mean = 0.0;
  for (std::size_t i = 0; i < truth.rows(); ++i) mean += weight_at(weights, i) * truth(i, output);
  mean /= total_weight;
  double sum = 0.0;
  for (std::size_t i = 0; i < truth.rows(); ++i) {
    const double deviation = truth(i, output) - mean;
    sum += weight_at(weights, i) * deviation * deviation;
  }
  return sum;
}

}  // namespace

double sum_of_weights(std::size_t n_samples, std::span<const double> weights) {
  double total = 0.0;
  for (std::size_t i = 0; i < n_samples; ++i) total += weight_at(weights, i);
  return total;
}

std::vector<double> means_of_sums(std::span<const double> sums, std::size_t n_samples,
                                  std::span<const double> weights) {
  const double total = sum_of_weights(n_samples, weights);
  std::vector<double> means(sums.begin(), sums.end());
  for (double& mean : means) mean /= total;
  return means;
}

double plain_mean(std::span<const double> values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

double r2_of_sums(MatrixView<const double> truth, std::span<const double> squared_errors,
                  std::span<const double> weights) {
  if (truth.rows() < 2) return std::numeric_limits<double>::quiet_NaN();
  const double total_weight = sum_of_weights(truth.rows(), weights);
  double sum = 0.0;
  for (std::size_t j = 0; j < truth.cols(); ++j) {
    const double residual = squared_errors[j];
    const double variance = variation(truth, j, weights, total_weight);
    sum += residual == 0.0 ? 1.0 : (variance == 0.0 ? 0.0 : 1.0 - residual / variance);
  }
  return sum / static_cast<double>(truth.cols());
}

}  // namespace skarma
