#include <skarma/core/optim/line_search.hpp>

#include <algorithm>
#include <cmath>

namespace skarma {
namespace {

constexpr double kSufficientDecrease = 1e-3;
constexpr double kCurvature = 0.9;
constexpr double kRelativeWidth = 0.1;
constexpr double kLongestStep = 1e10;
constexpr int kMostTrials = 20;
constexpr double kShrink = 0.66;

/// The cubic through the values and slopes at two points, in the terms of the paper.
struct Cubic {
  double theta;
  double scale;
  double radicand;  // (gamma / scale)^2

  Cubic(const TrialPoint& a, const TrialPoint& b)
      : theta(3 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope),
        scale(std::max({std::abs(theta), std::abs(a.slope), std::abs(b.slope)})),
        radicand((theta / scale) * (theta / scale) - (a.slope / scale) * (b.slope / scale)) {}

  double gamma(bool negative) const {
    const double root = scale * std::sqrt(radicand);
    return negative ? -root : root;
  }
};

/// The minimiser of the cubic, between `from` (where it is anchored) and `to`.
double cubic_minimiser(const TrialPoint& from, const TrialPoint& to, double theta, double gamma) {
  const double r = ((gamma - from.slope) + theta) / (((gamma - from.slope) + gamma) + to.slope);
  return from.step + r * (to.step - from.step);
}

struct Interval {
  TrialPoint best;
  TrialPoint other;
  bool bracketed;
  double low;
  double high;
};

bool slopes_oppose(const TrialPoint& here, const TrialPoint& best) {
  return here.slope * std::copysign(1.0, best.slope) < 0;
}

/// Higher value: a minimum lies between best and here.
double step_after_rise(const Interval& in, const TrialPoint& here) {
  const TrialPoint& best = in.best;
  const Cubic cubic(best, here);
  const double c = cubic_minimiser(best, here, cubic.theta, cubic.gamma(here.step < best.step));
  const double width = here.step - best.step;
  const double q =
      best.step + best.slope / ((best.value - here.value) / width + best.slope) / 2 * width;
  return std::abs(c - best.step) < std::abs(q - best.step) ? c : c + (q - c) / 2;
}

double secant_step(const Interval& in, const TrialPoint& here) {
  return here.step + (here.slope / (here.slope - in.best.slope)) * (in.best.step - here.step);
}

/// Lower value, the slope changed its sign: the minimum is passed.
double step_after_passing(const Interval& in, const TrialPoint& here) {
  const Cubic cubic(in.best, here);
  const double c =
      cubic_minimiser(here, in.best, cubic.theta, cubic.gamma(here.step > in.best.step));
  const double q = secant_step(in, here);
  return std::abs(c - here.step) > std::abs(q - here.step) ? c : q;
}

/// Lower value, same sign, flatter: the minimum is near, possibly beyond.
double step_when_flatter(const Interval& in, const TrialPoint& here) {
  const TrialPoint& best = in.best;
  const bool forward = here.step > best.step;
  Cubic cubic(best, here);
  cubic.radicand = std::max(0.0, cubic.radicand);
  const double gamma = cubic.gamma(forward);
  const double r =
      ((gamma - here.slope) + cubic.theta) / ((gamma + (best.slope - here.slope)) + gamma);
  const double beyond = forward ? in.high : in.low;
  const double c = r < 0 && gamma != 0 ? here.step + r * (best.step - here.step) : beyond;
  const double q = secant_step(in, here);
  const bool cubic_nearer = std::abs(c - here.step) < std::abs(q - here.step);
  if (!in.bracketed) {
    const double farther = std::abs(c - here.step) > std::abs(q - here.step) ? c : q;
    return std::max(in.low, std::min(in.high, farther));
  }
  const double nearer = cubic_nearer ? c : q;
  const double limit = here.step + kShrink * (in.other.step - here.step);
  return forward ? std::min(limit, nearer) : std::max(limit, nearer);
}

/// Lower value, same sign, not flatter: the function falls on.
double step_when_falling(const Interval& in, const TrialPoint& here) {
  if (!in.bracketed) return here.step > in.best.step ? in.high : in.low;
  const Cubic cubic(here, in.other);
  return cubic_minimiser(here, in.other, cubic.theta, cubic.gamma(here.step > in.other.step));
}

/// The next step, and the interval with `here` taken in (section 4 of the paper, cases 1 to 4).
double next_step(Interval& in, const TrialPoint& here) {
  const bool rises = here.value > in.best.value;
  const bool opposed = slopes_oppose(here, in.best);
  double step;
  if (rises) {
    step = step_after_rise(in, here);
    in.bracketed = true;
  } else if (opposed) {
    step = step_after_passing(in, here);
    in.bracketed = true;
  } else if (std::abs(here.slope) < std::abs(in.best.slope)) {
    step = step_when_flatter(in, here);
  } else {
    step = step_when_falling(in, here);
  }
  if (rises) {
    in.other = here;
  } else {
    if (opposed) in.other = in.best;
    in.best = here;
  }
  return step;
}

/// The same point of psi(t) = phi(t) - t * slope.
TrialPoint tilted(const TrialPoint& point, double slope) {
  return {point.step, point.value - point.step * slope, point.slope - slope};
}

}  // namespace

MoreThuente::MoreThuente(double value, double slope, double first_step)
    : start_value_(value),
      start_slope_(slope),
      target_slope_(kSufficientDecrease * slope),
      best_{0.0, value, slope},
      other_(best_),
      step_(first_step),
      low_(0.0),
      high_(first_step + 4 * first_step) {}

bool MoreThuente::interval_exhausted(double step) const {
  return bracketed_ && (step <= low_ || step >= high_ || high_ - low_ <= kRelativeWidth * high_);
}

bool MoreThuente::acceptable(const TrialPoint& here) const {
  const double enough = start_value_ + here.step * target_slope_;
  const bool decreased = here.value <= enough;
  if (interval_exhausted(here.step)) return true;
  if (here.step == kLongestStep && decreased && here.slope <= target_slope_) return true;
  if (here.step == 0.0 && (here.value > enough || here.slope >= target_slope_)) return true;
  return decreased && std::abs(here.slope) <= kCurvature * -start_slope_;
}

MoreThuente::Status MoreThuente::advance(double value, double slope) {
  const TrialPoint here{step_, value, slope};
  const double enough = start_value_ + step_ * target_slope_;
  if (first_stage_ && value <= enough && slope >= 0) first_stage_ = false;
  if (acceptable(here)) return Status::accepted;

  const bool tilt = first_stage_ && value <= best_.value && value > enough;
  const double by = tilt ? target_slope_ : 0.0;
  Interval in{tilted(best_, by), tilted(other_, by), bracketed_, low_, high_};
  step_ = next_step(in, tilted(here, by));
  best_ = tilted(in.best, -by);
  other_ = tilted(in.other, -by);
  bracketed_ = in.bracketed;
  narrow();
  return ++trials_ == kMostTrials ? Status::failed : Status::searching;
}

/// New bounds for the next trial, which is moved into them.
void MoreThuente::narrow() {
  if (bracketed_) {
    const double width = std::abs(other_.step - best_.step);
    if (width >= kShrink * previous_length_) {
      step_ = best_.step + 0.5 * (other_.step - best_.step);
    }
    previous_length_ = length_;
    length_ = width;
    low_ = std::min(best_.step, other_.step);
    high_ = std::max(best_.step, other_.step);
  } else {
    low_ = step_ + 1.1 * (step_ - best_.step);
    high_ = step_ + 4 * (step_ - best_.step);
  }
  step_ = std::min(std::max(step_, 0.0), kLongestStep);
  if (interval_exhausted(step_)) step_ = best_.step;
}

}  // namespace skarma
