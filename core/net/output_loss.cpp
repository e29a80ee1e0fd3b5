#include <skarma/core/net/output_loss.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {
namespace {

/// As NumPy's clip, which leaves NaN.
double clipped_log(double p, double epsilon) {
  return std::log(std::clamp(p, epsilon, 1.0 - epsilon));
}

double hinge_loss(double margin, LossFunction function) {
  const double lack = margin >= 1.0 ? 0.0 : 1.0 - margin;  // NaN stays NaN
  return function == kHinge || function == kBinaryHinge ? lack : lack * lack;
}

double focal_loss(double p, double gamma, double epsilon) {
  const double c = std::clamp(p, epsilon, 1.0 - epsilon);
  return -std::pow(1.0 - c, gamma) * std::log(c);
}

double poisson_loss(double y, double p) { return (y > 0.0 ? y * std::log(y / p) : 0.0) - y + p; }

double gamma_loss(double y, double p) { return std::log(p / y) + y / p - 1.0; }

double tweedie_loss(double y, double p, double power) {
  if (power == 1.0) return poisson_loss(y, p);
  if (power == 2.0) return gamma_loss(y, p);
  const double a = 1.0 - power, b = 2.0 - power;
  return (y > 0.0 ? std::pow(y, b) / (a * b) : 0.0) - y * std::pow(p, a) / a + std::pow(p, b) / b;
}

/// A row of outputs beside its targets, 0 and 1 where there are classes. core/reference has the
/// same formulas for whole matrices.
class Row {
 public:
  Row(const LossChoice& loss, std::span<const double> outputs, std::vector<double> targets,
      double epsilon)
      : function_(loss.row->function),
        numbers_(loss.numbers),
        p_(outputs),
        y_(std::move(targets)),
        epsilon_(epsilon) {}

  double loss() const {
    if (function_ == kHinge || function_ == kSquaredHinge) return hinge_loss(margin(), function_);
    double sum = 0.0;
    for (std::size_t j = 0; j < p_.size(); ++j) sum += loss_of(j);
    return sum;
  }

 private:
  /// How far the right score is above all others.
  double margin() const {
    double right = 0.0, rival = -std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < p_.size(); ++j) {
      if (y_[j] != 0.0) {
        right = p_[j];
      } else if (!(p_[j] <= rival)) {
        rival = p_[j];
      }
    }
    return right - rival;
  }

  double loss_of(std::size_t j) const {
    const double y = y_[j], p = p_[j], size = std::abs(p - y);
    const double number = numbers_.empty() ? 0.0 : numbers_.front();
    const double n = static_cast<double>(p_.size());
    switch (function_) {
      case kSoftmaxLog:
        return y == 0.0 ? 0.0 : -clipped_log(p, epsilon_);
      case kLogisticLog:
        return log_loss(y, p);
      case kSmoothedSoftmaxLog:
        return -((1.0 - number) * y + number / n) * clipped_log(p, epsilon_);
      case kSmoothedLogisticLog:
        return log_loss((1.0 - number) * y + number / 2.0, p);
      case kFocal:
        return y == 0.0 ? 0.0 : focal_loss(p, number, epsilon_);
      case kBinaryFocal:
        return focal_loss(y == 0.0 ? 1.0 - p : p, number, epsilon_);
      case kBinaryHinge:
      case kBinarySquaredHinge:
        return hinge_loss((2.0 * y - 1.0) * p, function_);
      case kSquaredError:
      case kSoftmaxSquared:
      case kLogisticSquared:
        return size * size / 2.0;
      case kPoisson:
        return poisson_loss(y, p);
      case kGammaLoss:
        return gamma_loss(y, p);
      case kTweedie:
        return tweedie_loss(y, p, number);
      case kHuber:
        return size > number ? number * (size - number / 2.0) : size * size / 2.0;
      case kAbsoluteError:
        return size;
      case kLogCosh:
        return size + std::log1p(std::exp(-2.0 * size)) - std::numbers::ln2;
      case kQuantile:
        return (y - p) * (y > p ? numbers_[j] : numbers_[j] - 1.0) / n;
      case kHinge:
      case kSquaredHinge:
      case kLossFunctions:
        break;
    }
    throw std::logic_error("a loss without a formula");
  }

  double log_loss(double y, double p) const {
    return -y * clipped_log(p, epsilon_) - (1.0 - y) * clipped_log(1.0 - p, epsilon_);
  }

  LossFunction function_;
  std::span<const double> numbers_;
  std::span<const double> p_;
  std::vector<double> y_;
  double epsilon_;
};

std::vector<double> targets_of_row(const Targets<double>& targets, std::size_t i,
                                   std::size_t width) {
  if (targets.codes.empty()) {
    const auto first = targets.values.begin() + static_cast<std::ptrdiff_t>(i * width);
    return {first, first + static_cast<std::ptrdiff_t>(width)};
  }
  std::vector<double> row(width);
  row[static_cast<std::size_t>(targets.codes[i])] = 1.0;
  return row;
}

}  // namespace

double mean_loss(const LossChoice& loss, const Matrix<double>& outputs,
                 const Targets<double>& targets, double epsilon) {
  SKARMA_CHECK(targets.n_samples() == outputs.rows());
  const std::size_t width = outputs.cols();
  double sum = 0.0, weights = 0.0;
  for (std::size_t i = 0; i < outputs.rows(); ++i) {
    double of_row = Row(loss, outputs.row(i), targets_of_row(targets, i, width), epsilon).loss();
    if (loss.row->reduction == Reduction::mean) of_row /= static_cast<double>(width);
    const double weight = targets.weights.empty() ? 1.0 : targets.weights[i];
    sum += weight * of_row;
    weights += weight;
  }
  return sum / weights;
}

}  // namespace skarma
