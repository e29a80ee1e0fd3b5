#include <skarma/estimators/metrics.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

namespace skarma {
namespace {

double weight_at(std::span<const double> weights, std::size_t i) {
  return weights.empty() ? 1.0 : weights[i];
}

void check_lengths(std::size_t truth, std::size_t predicted, std::span<const double> weights) {
  if (truth != predicted || (!weights.empty() && weights.size() != truth)) {
    throw std::invalid_argument(
        fmt::format("Found input variables with inconsistent numbers of samples: [{}, {}{}]", truth,
                    predicted, weights.empty() ? "" : fmt::format(", {}", weights.size())));
  }
}

/// For each class of `from`, its position among `to`, or -1.
std::vector<std::int32_t> positions(const Classes& from, const Classes& to) {
  return std::visit(
      []<class A, class B>(const std::vector<A>& a, const std::vector<B>& b) {
        std::vector<std::int32_t> result(a.size(), -1);
        if constexpr (std::is_same_v<A, std::string> == std::is_same_v<B, std::string>) {
          for (std::size_t i = 0; i < a.size(); ++i) {
            for (std::size_t j = 0; j < b.size(); ++j) {
              if constexpr (std::is_same_v<A, B>) {
                if (a[i] == b[j]) result[i] = static_cast<std::int32_t>(j);
              } else {
                if (static_cast<double>(a[i]) == static_cast<double>(b[j])) {
                  result[i] = static_cast<std::int32_t>(j);
                }
              }
            }
          }
        }
        return result;
      },
      from, to);
}

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
  const std::size_t n = truth.n_samples();
  check_lengths(n, predicted.n_samples(), sample_weight);
  if (truth.has_labels() && predicted.has_labels()) {
    const bool same = truth.shared_classes() == predicted.shared_classes();
    std::vector<std::int32_t> in_truth;
    if (!same) in_truth = positions(predicted.classes(), truth.classes());
    return share(n, sample_weight, [&](std::size_t i) {
      const std::int32_t code = predicted.codes()[i];
      return truth.codes()[i] == (same ? code : in_truth[static_cast<std::size_t>(code)]);
    });
  }
  const auto& a = truth.values();
  const auto& b = predicted.values();
  return share(n, sample_weight,
               [&](std::size_t i) { return std::ranges::equal(a.row(i), b.row(i)); });
}

double r2_score(MatrixView<const double> truth, MatrixView<const double> predicted,
                std::span<const double> sample_weight) {
  const std::size_t n = truth.rows();
  check_lengths(n, predicted.rows(), sample_weight);
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
