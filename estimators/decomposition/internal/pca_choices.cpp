#include <skarma/estimators/decomposition/internal/pca_choices.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace skarma {
namespace {

/// The logarithm of Minka's evidence for `rank` components, but for what all ranks have in common.
double log_evidence(std::span<const double> variances, std::size_t rank, double n_samples) {
  constexpr double kSmallest = 1e-15;  // variances below it are nothing but rounding
  if (variances[rank - 1] < kSmallest) return -std::numeric_limits<double>::infinity();
  const std::size_t n = variances.size();
  const auto width = static_cast<double>(n), k = static_cast<double>(rank);
  double uniform = -k * std::log(2.0);
  for (std::size_t i = 0; i < rank; ++i) {
    const double half = (width - static_cast<double>(i)) / 2.0;
    uniform += std::lgamma(half) - std::log(std::numbers::pi) * half;
  }
  double kept = 0.0, left = 0.0;
  for (std::size_t i = 0; i < rank; ++i) kept += std::log(variances[i]);
  for (std::size_t i = rank; i < n; ++i) left += variances[i];
  const double noise = std::max(kSmallest, left / (width - k));
  const double n_angles = width * k - k * (k + 1.0) / 2.0;
  double curvature = 0.0;
  const auto smoothed = [&](std::size_t i) { return i < rank ? variances[i] : noise; };
  for (std::size_t i = 0; i < rank; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      const double difference =
          (variances[i] - variances[j]) * (1.0 / smoothed(j) - 1.0 / smoothed(i));
      if (!(difference > 0.0)) {
        throw std::invalid_argument(
            "n_components='mle' of PCA takes components whose variances differ; choose their "
            "number.");
      }
      curvature += std::log(difference) + std::log(n_samples);
    }
  }
  return uniform - kept * n_samples / 2.0 - std::log(noise) * n_samples * (width - k) / 2.0 +
         std::log(2.0 * std::numbers::pi) * (n_angles + k) / 2.0 - curvature / 2.0 -
         k * std::log(n_samples) / 2.0;
}

}  // namespace

std::string chosen_solver(const ParamValue& n_components, std::size_t n_samples,
                          std::size_t n_features, bool is_sparse) {
  if (is_sparse) return "arpack";
  if (n_features <= 1000 && n_samples >= 10 * n_features) return "covariance_eigh";
  if (std::max(n_samples, n_features) <= 500) return "full";
  const auto* count = std::get_if<std::int64_t>(&n_components);
  const double most = 0.8 * static_cast<double>(std::min(n_samples, n_features));
  const bool is_few = count != nullptr && *count >= 1 && static_cast<double>(*count) < most;
  return is_few ? "randomized" : "full";
}

std::size_t kept_components(const ParamValue& n_components, std::span<const double> variances,
                            std::span<const double> ratios, std::size_t n_samples) {
  if (const auto* count = std::get_if<std::int64_t>(&n_components)) {
    return static_cast<std::size_t>(*count);
  }
  if (const auto* share = std::get_if<double>(&n_components)) {
    std::vector<double> explained(ratios.size());
    std::partial_sum(ratios.begin(), ratios.end(), explained.begin());
    const auto enough = std::upper_bound(explained.begin(), explained.end(), *share);
    const auto n = static_cast<std::size_t>(enough - explained.begin()) + 1;
    return std::min(n, ratios.size());  // the sum of all may be rounded below a share near 1
  }
  if (std::holds_alternative<std::string>(n_components)) {
    return most_likely_dimension(variances, n_samples);
  }
  return std::min(n_samples, variances.size());
}

std::size_t most_likely_dimension(std::span<const double> variances, std::size_t n_samples) {
  double highest = -std::numeric_limits<double>::infinity();
  std::size_t best = 0;
  for (std::size_t rank = 1; rank < variances.size(); ++rank) {
    const double evidence = log_evidence(variances, rank, static_cast<double>(n_samples));
    if (!(evidence > highest)) continue;
    highest = evidence;
    best = rank;
  }
  return best;
}

}  // namespace skarma
