#include <skarma/estimators/mlp/internal/calibration.hpp>

#include <algorithm>
#include <cmath>
#include <span>

namespace skarma {
namespace {

void softmax(std::span<double> z) {
  const double largest = *std::ranges::max_element(z);
  double total = 0.0;
  for (double& v : z) total += v = std::exp(v - largest);
  for (double& v : z) v /= total;
}

double logistic(double z) { return 1.0 / (1.0 + std::exp(-z)); }

/// The first two derivatives, by b, of a row's log loss where its logits are multiplied by b: the
/// mean of z less the right one's z, and its variance.
struct Derivatives {
  double first = 0.0, second = 0.0;

  void add_softmax(double b, std::span<const double> z, std::size_t right, double weight) {
    std::vector<double> p(z.begin(), z.end());
    for (double& v : p) v *= b;
    softmax(p);
    double mean = 0.0, squares = 0.0;
    for (std::size_t j = 0; j < z.size(); ++j) {
      mean += p[j] * z[j];
      squares += p[j] * z[j] * z[j];
    }
    first += weight * (mean - z[right]);
    second += weight * (squares - mean * mean);
  }
  void add_logistic(double b, double z, double label, double weight) {
    const double p = logistic(b * z);
    first += weight * (p - label) * z;
    second += weight * p * (1.0 - p) * z * z;
  }
};

Derivatives at(double b, const Matrix<double>& logits, const Targets<double>& targets) {
  Derivatives sums;
  for (std::size_t i = 0; i < logits.rows(); ++i) {
    const auto z = logits.row(i);
    const double weight = targets.weights.empty() ? 1.0 : targets.weights[i];
    if (!targets.codes.empty()) {
      sums.add_softmax(b, z, static_cast<std::size_t>(targets.codes[i]), weight);
      continue;
    }
    for (std::size_t j = 0; j < z.size(); ++j) {
      sums.add_logistic(b, z[j], targets.values[i * z.size() + j], weight);
    }
  }
  return sums;
}

}  // namespace

void link_at(double temperature, const Link& link, Matrix<double>& logits) {
  for (std::size_t i = 0; i < logits.rows(); ++i) {
    const auto row = logits.row(i);
    for (double& z : row) z /= temperature;
    if (link.elementwise) {
      for (double& z : row) z = logistic(z);
    } else {
      softmax(row);
    }
  }
}

/// The log loss is convex in b = 1 / temperature: Newton's method, kept between bounds that close
/// in, finds where its derivative is 0.
double best_temperature(const Matrix<double>& logits, const Targets<double>& targets) {
  double low = 1e-3, high = 1e3, b = 1.0;
  for (int step = 0; step < 200 && high - low > 1e-12 * b; ++step) {
    const Derivatives sums = at(b, logits, targets);
    if (std::abs(sums.first) <= 1e-14 * sums.second * b) break;
    (sums.first > 0.0 ? high : low) = b;
    const double newton = b - sums.first / sums.second;
    b = newton > low && newton < high ? newton : std::sqrt(low * high);
  }
  return 1.0 / b;
}

}  // namespace skarma
