#include <skarma/core/optim/lbfgs.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <skarma/core/optim/dot.hpp>

namespace skarma {
namespace {

constexpr double kFunctionTol = 2.2204460492503131e-09;
constexpr double kLongestFirstStep = 1e10;

}  // namespace

/// L-BFGS-B takes d = (x + d) - x, whatever x swallows of it.
void Lbfgs::Step::aim(const Point& from, const LbfgsDirection::Scaled& direction) {
  const auto [values, factor] = direction;
  d.resize(values.size());
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = (from.x[i] + factor * values[i]) - from.x[i];
  start_slope = dot(from.gradient, d);
}

void Lbfgs::Step::go(const Point& from) {
  x.resize(d.size());
  for (std::size_t i = 0; i < d.size(); ++i) x[i] = from.x[i] + length * d[i];
}

/// Whether s'y is worth remembering, by L-BFGS-B's relative test.
bool Lbfgs::Step::has_curvature() const {
  return length * (slope - start_slope) >
         std::numeric_limits<double>::epsilon() * (-length * start_slope);
}

Lbfgs::Lbfgs(std::vector<double> start, const MinimiserLimits& limits)
    : limits_(limits),
      current_{std::move(start), {}, std::numeric_limits<double>::quiet_NaN()},
      trial_{current_.x, std::vector<double>(current_.x.size()), current_.value} {}

void Lbfgs::hear(double value) {
  trial_.value = value;
  ++n_evaluations_;
  last_is_trial_ = true;
}

/// The start has been evaluated.
void Lbfgs::begin() {
  std::swap(current_, trial_);
  last_is_trial_ = false;
  if (largest_component(current_.gradient) <= limits_.gradient_tol)
    return end(MinimiserStatus::converged);
  direction_.move(current_.x, current_.gradient);
  begin_search();
}

void Lbfgs::begin_search() {
  step_.aim(current_, direction_.direction());
  if (step_.start_slope >= 0) return search_failed();
  const double first_length =
      n_iter_ > 0 ? 1.0 : std::fmin(1.0 / std::sqrt(dot(step_.d, step_.d)), kLongestFirstStep);
  search_.emplace(current_.value, step_.start_slope, first_length);
  propose();
}

/// Asks for the search's next point, which trades places with the trial's; the one that was
/// evaluated last is not asked for again.
void Lbfgs::propose() {
  step_.length = search_->step();
  step_.go(current_);
  const Point& last = last_is_trial_ ? trial_ : current_;
  if (step_.x == last.x) {
    if (!last_is_trial_) trial_ = current_;
    phase_ = Phase::told;
    return;
  }
  trial_.x.swap(step_.x);
  trial_.gradient.resize(trial_.x.size());
  phase_ = Phase::asking;
}

void Lbfgs::take_told() {
  if (!search_) return begin();
  step_.slope = dot(trial_.gradient, step_.d);
  switch (search_->advance(trial_.value, step_.slope)) {
    case MoreThuente::Status::searching:
      return propose();
    case MoreThuente::Status::failed:
      return search_failed();
    case MoreThuente::Status::accepted:
      break;
  }
  std::swap(current_, trial_);
  last_is_trial_ = false;
  ++n_iter_;
  phase_ = Phase::iterated;
}

void Lbfgs::search_failed() {
  if (!direction_.has_history()) return end(MinimiserStatus::line_search_failed);
  direction_.forget();
  begin_search();
}

/// After an iteration, whose start is where the trial was.
std::optional<MinimiserStatus> Lbfgs::reason_to_stop() const {
  if (n_iter_ >= limits_.max_iter) return MinimiserStatus::max_iter;
  if (n_evaluations_ > limits_.max_fun) return MinimiserStatus::max_fun;
  if (largest_component(current_.gradient) <= limits_.gradient_tol)
    return MinimiserStatus::converged;
  const double before = trial_.value;
  const double scale = std::max({std::abs(before), std::abs(current_.value), 1.0});
  if (before - current_.value <= kFunctionTol * scale) return MinimiserStatus::converged;
  return std::nullopt;
}

void Lbfgs::finish_iteration() {
  if (const auto reason = reason_to_stop()) return end(*reason);
  if (step_.has_curvature()) {
    direction_.move(current_.x, current_.gradient);
  } else {
    direction_.skip(current_.x, current_.gradient);
  }
  begin_search();
}

}  // namespace skarma
