#include <skarma/core/optim/levenberg_marquardt.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <skarma/core/kernels/lapack.hpp>

namespace skarma {
namespace {

constexpr double kFirstMu = 1e-2;    // as a share of the largest diagonal at the start
constexpr double kLargestMu = 1e20;  // a step that short leads nowhere

}  // namespace

LevenbergMarquardt::LevenbergMarquardt(std::vector<double> start, const MinimiserLimits& limits)
    : limits_(limits),
      x_(std::move(start)),
      trial_(x_),
      value_(std::numeric_limits<double>::quiet_NaN()),
      trial_value_(value_),
      gradient_(x_.size()),
      curvature_(x_.size() * x_.size()),
      factor_(curvature_.size()),
      step_(x_.size()) {}

void LevenbergMarquardt::hear(double value) {
  trial_value_ = value;
  if (is_at_start() || !wants_curvature_) ++n_evaluations_;
}

void LevenbergMarquardt::take_told() {
  if (wants_curvature_) return take_curvature();
  const double ratio = (value_ - trial_value_) / promised_;
  ratio > 0 ? accept(ratio) : reject();
}

/// That of the start, or of a point that has been accepted.
void LevenbergMarquardt::take_curvature() {
  const bool was_start = is_at_start();
  wants_curvature_ = false;
  value_ = trial_value_;
  if (!was_start) {
    phase_ = Phase::iterated;
    return;
  }
  double largest = 0.0;
  for (std::size_t i = 0; i < x_.size(); ++i) {
    largest = std::max(largest, curvature_[i * x_.size() + i]);
  }
  mu_ = kFirstMu * (largest > 0.0 ? largest : 1.0);
  propose();
}

/// The closer the gain to the promise, the less damping the next step has.
void LevenbergMarquardt::accept(double ratio) {
  mu_ *= std::max(1.0 / 3.0, 1.0 - std::pow(2.0 * ratio - 1.0, 3));
  growth_ = 2.0;
  x_ = trial_;
  value_ = trial_value_;
  ++n_iter_;
  wants_curvature_ = true;
  phase_ = Phase::asking;
}

/// Also of a value that is NaN.
void LevenbergMarquardt::reject() {
  mu_ *= growth_;
  growth_ *= 2.0;
  propose();
}

std::optional<MinimiserStatus> LevenbergMarquardt::reason_to_stop() const {
  if (largest_component(gradient_) <= limits_.gradient_tol) return MinimiserStatus::converged;
  if (n_iter_ >= limits_.max_iter) return MinimiserStatus::max_iter;
  if (n_evaluations_ > limits_.max_fun) return MinimiserStatus::max_fun;
  if (!(mu_ <= kLargestMu)) return MinimiserStatus::line_search_failed;
  return std::nullopt;
}

/// Asks for the value where the next step leads to.
void LevenbergMarquardt::propose() {
  if (const auto reason = reason_to_stop()) return end(*reason);
  while (!solve()) {
    mu_ *= growth_;
    growth_ *= 2.0;
    if (!(mu_ <= kLargestMu)) return end(MinimiserStatus::line_search_failed);
  }
  promised_ = 0.0;
  for (std::size_t i = 0; i < x_.size(); ++i) {
    trial_[i] = x_[i] + step_[i];
    promised_ += 0.5 * step_[i] * (mu_ * step_[i] - gradient_[i]);
  }
  // No step can lower what it promises to lower by less than rounding.
  if (promised_ <= std::numeric_limits<double>::epsilon() * value_) {
    return end(MinimiserStatus::converged);
  }
  phase_ = Phase::asking;
}

/// The step for this mu; false where the damped matrix is not positive definite to rounding.
bool LevenbergMarquardt::solve() {
  const std::size_t n = x_.size();
  factor_ = curvature_;
  for (std::size_t i = 0; i < n; ++i) {
    factor_[i * n + i] += mu_;
    step_[i] = -gradient_[i];
  }
  return kernels::posv(n, factor_.data(), step_.data());
}

}  // namespace skarma
