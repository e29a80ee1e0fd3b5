#include <skarma/estimators/metrics/metrics.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include <skarma/estimators/metrics/internal/metric_checks.hpp>
#include <skarma/estimators/metrics/internal/weighted.hpp>

namespace skarma {
namespace {

/// The weighted mean of 0 and 1.
template <class Hit>
double share(std::size_t n, std::span<const double> weights, Hit hit) {
  double hits = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const double w = weight_at(weights, i);
    total += w;
    if (hit(i)) hits += w;
  }
  return hits / total;
}

}  // namespace

double accuracy_score(const Target& truth, const Target& predicted,
                      std::span<const double> sample_weight) {
  check_labels(truth, predicted, sample_weight);
  const std::size_t n = truth.n_samples();
  if (truth.has_labels() && predicted.has_labels()) {
    const auto codes = codes_among(predicted, truth.classes());
    return share(n, sample_weight, [&](std::size_t i) { return truth.codes()[i] == codes[i]; });
  }
  const auto& a = truth.values();
  const auto& b = predicted.values();
  return share(n, sample_weight,
               [&](std::size_t i) { return std::ranges::equal(a.row(i), b.row(i)); });
}

double r2_score(MatrixView<const double> truth, MatrixView<const double> predicted,
                std::span<const double> sample_weight) {
  check_same_shape(truth, predicted, sample_weight);
  const std::size_t n = truth.rows();
  if (n < 2) return std::numeric_limits<double>::quiet_NaN();
  double total_weight = 0.0;
  for (std::size_t i = 0; i < n; ++i) total_weight += weight_at(sample_weight, i);
  double sum = 0.0;
  for (std::size_t j = 0; j < truth.cols(); ++j) {
    double mean = 0.0;
    for (std::size_t i = 0; i < n; ++i) mean += weight_at(sample_weight, i) * truth(i, j);
    mean /= total_weight;
    double residual = 0.0;
    double variance = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      const double w = weight_at(sample_weight, i);
      const double error = truth(i, j) - predicted(i, j);
      const double deviation = truth(i, j) - mean;
      residual += w * error * error;
      variance += w * deviation * deviation;
    }
    sum += residual == 0.0 ? 1.0 : (variance == 0.0 ? 0.0 : 1.0 - residual / variance);
  }
  return sum / static_cast<double>(truth.cols());
}

}  // namespace skarma
