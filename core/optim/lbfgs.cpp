#include <skarma/core/optim/lbfgs.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <skarma/core/optim/dot.hpp>
#include <skarma/core/optim/lbfgs_direction.hpp>
#include <skarma/core/optim/line_search.hpp>

namespace skarma {
namespace {

constexpr double kFunctionTol = 2.2204460492503131e-09;
constexpr double kLongestFirstStep = 1e10;

using Vector = std::vector<double>;

struct Point {
  Vector x;
  Vector gradient;
  double value = std::numeric_limits<double>::quiet_NaN();
};

/// Counts evaluations; asking again for the point just evaluated is free. A stop request may end
/// one early: ask for it before using what came out.
class CountedObjective {
 public:
  explicit CountedObjective(const Objective& objective) : objective_(objective) {}

  /// Evaluates at `x`, which trades places with the point's own.
  void evaluate(Vector& x, Point& point) {
    if (last_ != nullptr && x == last_->x) {
      if (last_ != &point) point = *last_;
      return;
    }
    point.x.swap(x);
    point.gradient.resize(point.x.size());
    point.value = objective_(point.x, point.gradient);
    ++count_;
    last_ = &point;
  }
  /// The point that was evaluated last has moved here.
  void moved_to(const Point& point) { last_ = &point; }

  int count() const { return count_; }

 private:
  const Objective& objective_;
  const Point* last_ = nullptr;
  int count_ = 0;
};

/// A search along the direction d, and where it ended.
struct Step {
  Vector d;
  Vector x;  // where it leads to
  double start_slope = 0.0;
  double length = 0.0;
  double slope = 0.0;

  /// L-BFGS-B takes d = (x + d) - x, whatever x swallows of it.
  void aim(const Point& from, const LbfgsDirection::Scaled& direction) {
    const auto [values, factor] = direction;
    d.resize(values.size());
    for (std::size_t i = 0; i < d.size(); ++i) d[i] = (from.x[i] + factor * values[i]) - from.x[i];
    start_slope = dot(from.gradient, d);
  }

  void go(const Point& from) {
    x.resize(d.size());
    for (std::size_t i = 0; i < d.size(); ++i) x[i] = from.x[i] + length * d[i];
  }

  /// Whether s'y is worth remembering, by L-BFGS-B's relative test.
  bool has_curvature() const {
    return length * (slope - start_slope) >
           std::numeric_limits<double>::epsilon() * (-length * start_slope);
  }
};

/// Moves along the step's direction until the search accepts; false if it fails or is told to stop.
bool search_line(CountedObjective& objective, const Point& from, double first_length,
                 const std::stop_token& stop, Point& trial, Step& step) {
  if (step.start_slope >= 0) return false;
  MoreThuente search(from.value, step.start_slope, first_length);
  auto status = MoreThuente::Status::searching;
  while (status == MoreThuente::Status::searching) {
    step.length = search.step();
    step.go(from);
    objective.evaluate(step.x, trial);
    if (stop.stop_requested()) return false;
    step.slope = dot(trial.gradient, step.d);
    status = search.advance(trial.value, step.slope);
  }
  return status == MoreThuente::Status::accepted;
}

/// The largest component by size; NaN if there is one.
double largest(const Vector& v) {
  double result = 0.0;
  for (const double x : v) {
    if (std::isnan(x)) return x;
    result = std::max(result, std::abs(x));
  }
  return result;
}

}  // namespace

LbfgsResult minimise_lbfgs(const Objective& objective, std::span<double> x,
                           const LbfgsLimits& limits, std::stop_token stop,
                           const std::function<void(int, double)>& after_iteration) {
  CountedObjective counted(objective);
  Point current{Vector(x.begin(), x.end()), {}};
  Point trial;
  LbfgsDirection direction;
  Step step;
  int n_iter = 0;
  const auto finish = [&](LbfgsStatus status) {
    std::copy(current.x.begin(), current.x.end(), x.begin());
    return LbfgsResult{status, n_iter, counted.count(), current.value};
  };

  step.x = current.x;
  counted.evaluate(step.x, trial);
  if (stop.stop_requested()) return finish(LbfgsStatus::cancelled);
  std::swap(current, trial);
  counted.moved_to(current);
  if (largest(current.gradient) <= limits.gradient_tol) return finish(LbfgsStatus::converged);
  direction.move(current.x, current.gradient);
  for (;;) {
    step.aim(current, direction.direction());
    const double first_length =
        n_iter > 0 ? 1.0 : std::fmin(1.0 / std::sqrt(dot(step.d, step.d)), kLongestFirstStep);
    if (!search_line(counted, current, first_length, stop, trial, step)) {
      if (stop.stop_requested()) return finish(LbfgsStatus::cancelled);
      if (!direction.has_history()) return finish(LbfgsStatus::line_search_failed);
      direction.forget();
      continue;
    }
    std::swap(current, trial);
    counted.moved_to(current);
    const double previous_value = trial.value;
    ++n_iter;
    if (after_iteration) after_iteration(n_iter, current.value);

    if (n_iter >= limits.max_iter) return finish(LbfgsStatus::max_iter);
    if (counted.count() > limits.max_fun) return finish(LbfgsStatus::max_fun);
    if (largest(current.gradient) <= limits.gradient_tol) return finish(LbfgsStatus::converged);
    const double scale = std::max({std::abs(previous_value), std::abs(current.value), 1.0});
    if (previous_value - current.value <= kFunctionTol * scale) {
      return finish(LbfgsStatus::converged);
    }
    if (stop.stop_requested()) return finish(LbfgsStatus::cancelled);
    if (step.has_curvature()) {
      direction.move(current.x, current.gradient);
    } else {
      direction.skip(current.x, current.gradient);
    }
  }
}

}  // namespace skarma
