#include <skarma/core/optim/lbfgs_direction.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <dlib/matrix.h>
#include <dlib/optimization/optimization_search_strategies.h>

#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/core/optim/dot.hpp>

namespace skarma {
namespace {

using Column = dlib::matrix<double, 0, 1>;
using View = std::span<const double>;

constexpr std::size_t kPairs = 10;
/// dlib trims its list after it has computed a direction, so that 9 works with 10 pairs.
constexpr unsigned long kTrimmedPairs = kPairs - 1;

/// dlib clamps its first scaling s'y / y'y to [1e-3, 1e3]; we change units before.
constexpr double kLargestScaling = 512.0;
/// dlib drops its pairs where s'y is below 2.2e-16. In our units it begins at 2^100 and may fall
/// to 2^-40 before they are changed.
constexpr int kCurvatureExponent = 100;
constexpr double kLeastCurvature = 0x1p-40;

View view(const Column& column) {
  return {column.begin(), static_cast<std::size_t>(column.size())};
}

void assign(Column& column, View values, double factor) {
  column.set_size(static_cast<long>(values.size()));
  double* to = column.begin();
  for (std::size_t i = 0; i < values.size(); ++i) to[i] = factor * values[i];
}

/// s'y and y'y of the step s to a point, y being the change of the gradient along it.
struct Pair {
  double sy = 0.0;
  double yy = 0.0;

  double scaling() const { return sy / yy; }
  bool is_useful() const { return sy > 0.0 && scaling() > 0.0 && std::isfinite(scaling()); }
  bool is_safe() const {
    return scaling() < kLargestScaling && scaling() > 1.0 / kLargestScaling && sy > kLeastCurvature;
  }
};

/// Everything in units of ours.
struct KeptPoint {
  Column x;
  Column gradient;
  Pair pair;  // of the step that led here
};

Pair pair_of(const KeptPoint& from, const KeptPoint& to) {
  const View x = view(to.x), g = view(to.gradient), x0 = view(from.x), g0 = view(from.gradient);
  return {sum_of(x.size(), [&](std::size_t i) { return (x[i] - x0[i]) * (g[i] - g0[i]); }),
          sum_of(g.size(), [&](std::size_t i) { return (g[i] - g0[i]) * (g[i] - g0[i]); })};
}

}  // namespace

/// The last points are kept, from which dlib's object is made anew when its safeguards come near:
/// in other units, which are powers of two, so that no bit of a direction depends on them.
struct LbfgsDirection::State {
  std::vector<KeptPoint> points;  // the present one and those of its pairs, oldest first
  double point_unit = 1.0;
  double gradient_unit = 1.0;
  std::unique_ptr<dlib::lbfgs_search_strategy> strategy;
  Scaled direction{};

  void add(View x, View g) {
    if (points.size() <= kPairs) {
      points.emplace_back();
    } else {
      std::rotate(points.begin(), points.begin() + 1, points.end());
    }
    assign(points.back().x, x, point_unit);
    assign(points.back().gradient, g, gradient_unit);
    points.back().pair = points.size() > 1 ? pair_of(points.end()[-2], points.back()) : Pair();
  }

  void begin_at_last_point() {
    points.erase(points.begin(), points.end() - 1);
    strategy.reset();
    const View g = view(points.back().gradient);
    const double square = dot(g, g) / gradient_unit / gradient_unit;
    direction = {g, -(square / square) / gradient_unit};
  }

  /// The one place that calls dlib, whose sums are BLAS's.
  void feed(const KeptPoint& point) {
    const kernels::SingleThreadedBlas guard;
    direction = {view(strategy->get_next_direction(point.x, 0.0, point.gradient)),
                 1.0 / point_unit};
  }

  /// The newest pair's scaling becomes 1 and the least s'y 2^100, but for factors below 4.
  void change_units() {
    double least_sy = points.back().pair.sy;
    for (std::size_t i = 1; i < points.size(); ++i) {
      least_sy = std::min(least_sy, points[i].pair.sy);
    }
    const int scaling = std::ilogb(points.back().pair.scaling());
    const int exponent = (kCurvatureExponent - std::ilogb(least_sy) - scaling) / 2;
    const double of_points = std::ldexp(1.0, exponent);
    const double of_gradients = std::ldexp(1.0, exponent + scaling);
    for (KeptPoint& point : points) {
      point.x *= of_points;
      point.gradient *= of_gradients;
      point.pair.sy *= of_points * of_gradients;
      point.pair.yy *= of_gradients * of_gradients;
    }
    point_unit *= of_points;
    gradient_unit *= of_gradients;
  }

  void rebuild() {
    change_units();
    strategy = std::make_unique<dlib::lbfgs_search_strategy>(kTrimmedPairs);
    for (const KeptPoint& point : points) feed(point);
  }
};

LbfgsDirection::LbfgsDirection() : state_(std::make_unique<State>()) {}
LbfgsDirection::~LbfgsDirection() = default;

bool LbfgsDirection::has_history() const { return state_->points.size() > 1; }

void LbfgsDirection::forget() {
  if (!state_->points.empty()) state_->begin_at_last_point();
}

LbfgsDirection::Scaled LbfgsDirection::direction() const { return state_->direction; }

void LbfgsDirection::move(View x, View g) {
  State& state = *state_;
  state.add(x, g);
  const Pair& pair = state.points.back().pair;
  if (!pair.is_useful()) {
    state.begin_at_last_point();
  } else if (state.strategy && pair.is_safe()) {
    state.feed(state.points.back());
  } else {
    state.rebuild();
  }
}

/// dlib cannot leave a step out: all points move along it, so that the pairs stay and end at x.
void LbfgsDirection::skip(View x, View g) {
  State& state = *state_;
  if (!has_history()) {
    state.add(x, g);
    return state.begin_at_last_point();
  }
  KeptPoint& last = state.points.back();
  Column x_step, gradient_step;
  assign(x_step, x, state.point_unit);
  assign(gradient_step, g, state.gradient_unit);
  x_step -= last.x;
  gradient_step -= last.gradient;
  for (KeptPoint& point : state.points) {
    point.x += x_step;
    point.gradient += gradient_step;
  }
  assign(last.x, x, state.point_unit);
  assign(last.gradient, g, state.gradient_unit);
  state.rebuild();
}

}  // namespace skarma
