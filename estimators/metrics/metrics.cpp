#include <skarma/estimators/metrics/metrics.hpp>

#include <algorithm>
#include <numeric>
#include <vector>

#include <skarma/estimators/metrics/internal/figures_of_sums.hpp>
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
  std::vector<double> squared_errors(truth.cols());
  for (std::size_t j = 0; j < truth.cols(); ++j) {
    for (std::size_t i = 0; i < truth.rows(); ++i) {
      const double error = truth(i, j) - predicted(i, j);
      squared_errors[j] += weight_at(sample_weight, i) * error * error;
    }
  }
  return r2_of_sums(truth, squared_errors, sample_weight);
}

}  // namespace skarma
