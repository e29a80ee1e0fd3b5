#include <skarma/core/optim/lbfgs.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <armadillo>

#include <skarma/core/optim/lbfgs_direction.hpp>
#include <skarma/core/optim/line_search.hpp>

namespace skarma {
namespace {

constexpr double kFunctionTol = 2.2204460492503131e-09;
constexpr double kLongestFirstStep = 1e10;

std::span<double> as_span(arma::vec& v) { return {v.memptr(), v.n_elem}; }
std::span<const double> as_span(const arma::vec& v) { return {v.memptr(), v.n_elem}; }

struct Point {
  arma::vec x;
  arma::vec gradient;
  double value = 0.0;
};

/// Counts evaluations; asking again for the point just evaluated is free.
class CountedObjective {
 public:
  explicit CountedObjective(const Objective& objective) : objective_(objective) {}

  void evaluate(Point& point) {
    if (count_ == 0 || !std::equal(point.x.begin(), point.x.end(), last_.x.begin())) {
      last_.x = point.x;
      last_.gradient.set_size(point.x.n_elem);
      last_.value = objective_(as_span(std::as_const(last_.x)), as_span(last_.gradient));
      ++count_;
    }
    point.gradient = last_.gradient;
    point.value = last_.value;
  }

  int count() const { return count_; }

 private:
  const Objective& objective_;
  Point last_;
  int count_ = 0;
};

/// Moves along d from `from` until the search accepts; false if it fails or is told to stop.
bool search_line(CountedObjective& objective, const Point& from, const arma::vec& d, double slope,
                 double first_step, const std::stop_token& stop, Point& trial, double& step) {
  MoreThuente search(from.value, slope, first_step);
  auto status = MoreThuente::Status::searching;
  while (status == MoreThuente::Status::searching && !stop.stop_requested()) {
    step = search.step();
    trial.x = from.x + step * d;
    objective.evaluate(trial);
    status = search.advance(trial.value, arma::dot(trial.gradient, d));
  }
  return status == MoreThuente::Status::accepted;
}

/// The largest component by size; NaN if there is one.
double largest(const arma::vec& v) {
  double result = 0.0;
  for (const double x : v) {
    if (std::isnan(x)) return x;
    result = std::max(result, std::abs(x));
  }
  return result;
}

/// Whether the step's curvature s'y is worth remembering, by L-BFGS-B's relative test.
bool has_curvature(const Point& from, const Point& to, double step, double slope) {
  const double curvature = arma::dot(to.x - from.x, to.gradient - from.gradient);
  return curvature > std::numeric_limits<double>::epsilon() * (-step * slope);
}

}  // namespace

LbfgsResult minimise_lbfgs(const Objective& objective, std::span<double> x,
                           const LbfgsLimits& limits, std::stop_token stop,
                           const std::function<void(int, double)>& after_iteration) {
  CountedObjective counted(objective);
  Point current{arma::vec(x.data(), x.size()), {}, 0.0};
  Point trial = current;
  LbfgsDirection direction;
  int n_iter = 0;
  const auto finish = [&](LbfgsStatus status) {
    std::copy(current.x.begin(), current.x.end(), x.begin());
    return LbfgsResult{status, n_iter, counted.count(), current.value};
  };

  counted.evaluate(current);
  if (largest(current.gradient) <= limits.gradient_tol) return finish(LbfgsStatus::converged);
  for (;;) {
    if (stop.stop_requested()) return finish(LbfgsStatus::cancelled);
    const auto d_values =
        direction.at(as_span(std::as_const(current.x)), as_span(std::as_const(current.gradient)));
    const arma::vec d(const_cast<double*>(d_values.data()), d_values.size(), false, true);
    const double slope = arma::dot(current.gradient, d);
    const double first_step = n_iter > 0 ? 1.0 : std::min(1.0 / arma::norm(d), kLongestFirstStep);
    double step = 0.0;
    if (slope >= 0 || !search_line(counted, current, d, slope, first_step, stop, trial, step)) {
      if (stop.stop_requested()) return finish(LbfgsStatus::cancelled);
      if (!direction.has_history()) return finish(LbfgsStatus::line_search_failed);
      direction.forget();
      continue;
    }
    // dlib cannot skip one pair: where L-BFGS-B would, all pairs are dropped.
    if (!has_curvature(current, trial, step, slope)) direction.forget();
    std::swap(current, trial);
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
  }
}

}  // namespace skarma
