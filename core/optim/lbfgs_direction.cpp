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

using Vector = std::vector<double>;
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

/// s'y and y'y of the step s to a point, y being the change of the gradient along it.
struct Pair {
  double sy = 0.0;
  double yy = 0.0;

  double scaling() const { return sy / yy; }
  bool is_useful() const { return sy > 0.0 && scaling() > 0.0 && std::isfinite(scaling()); }
};

struct KeptPoint {
  Vector x;
  Vector gradient;
  Pair pair;  // of the step that led here
};

Pair pair_of(View x, View g, const KeptPoint& from) {
  const Vector &x0 = from.x, &g0 = from.gradient;
  return {sum_of(x.size(), [&](std::size_t i) { return (x[i] - x0[i]) * (g[i] - g0[i]); }),
          sum_of(g.size(), [&](std::size_t i) { return (g[i] - g0[i]) * (g[i] - g0[i]); })};
}

/// What points and gradients are multiplied by before dlib sees them: powers of two, so that no bit
/// of a direction depends on them.
struct Unit {
  double point = 1.0;
  double gradient = 1.0;

  /// The newest pair's scaling becomes 1 and `least_sy` 2^100, but for factors below 4.
  Unit(const Pair& newest, double least_sy) {
    const int scaling = std::ilogb(newest.scaling());
    const int exponent = (kCurvatureExponent - std::ilogb(least_sy) - scaling) / 2;
    point = std::ldexp(1.0, exponent);
    gradient = std::ldexp(1.0, exponent + scaling);
  }

  bool suits(const Pair& pair) const {
    const double scaling = pair.scaling() * (point / gradient);
    return scaling < kLargestScaling && scaling > 1.0 / kLargestScaling &&
           pair.sy * point * gradient > kLeastCurvature;
  }
};

auto column(const Vector& values) {
  return dlib::mat(values.data(), static_cast<long>(values.size()));
}

}  // namespace

/// The last points are kept, from which dlib's object is made anew when its safeguards come near.
struct LbfgsDirection::State {
  std::vector<KeptPoint> points;  // the present one and those of its pairs, oldest first
  std::unique_ptr<dlib::lbfgs_search_strategy> strategy;
  Unit unit{{1.0, 1.0}, 1.0};
  Vector direction;

  void add(View x, View g, const Pair& pair) {
    if (points.size() <= kPairs) {
      points.emplace_back();
    } else {
      std::rotate(points.begin(), points.begin() + 1, points.end());
    }
    points.back().x.assign(x.begin(), x.end());
    points.back().gradient.assign(g.begin(), g.end());
    points.back().pair = pair;
  }

  void begin_at_last_point() {
    points.erase(points.begin(), points.end() - 1);
    strategy.reset();
    const Vector& g = points.back().gradient;
    const double square = dot(g, g);
    const double factor = -(square / square);
    direction.resize(g.size());
    std::transform(g.begin(), g.end(), direction.begin(), [=](double v) { return factor * v; });
  }

  /// The one place that calls dlib, whose sums are BLAS's.
  void feed(const KeptPoint& point) {
    const kernels::SingleThreadedBlas guard;
    const auto& d = strategy->get_next_direction(unit.point * column(point.x), 0.0,
                                                 unit.gradient * column(point.gradient));
    if (&point != &points.back()) return;
    direction.resize(point.x.size());
    std::transform(d.begin(), d.end(), direction.begin(),
                   [factor = 1.0 / unit.point](double v) { return factor * v; });
  }

  void rebuild() {
    double least_sy = points.back().pair.sy;
    for (std::size_t i = 1; i < points.size(); ++i) {
      least_sy = std::min(least_sy, points[i].pair.sy);
    }
    unit = Unit(points.back().pair, least_sy);
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

std::span<const double> LbfgsDirection::direction() const { return state_->direction; }

void LbfgsDirection::move(View x, View g) {
  State& state = *state_;
  const Pair pair = state.points.empty() ? Pair() : pair_of(x, g, state.points.back());
  state.add(x, g, pair);
  if (!pair.is_useful()) {
    state.begin_at_last_point();
  } else if (state.strategy && state.unit.suits(pair)) {
    state.feed(state.points.back());
  } else {
    state.rebuild();
  }
}

/// dlib cannot leave a step out: all points move along it, so that the pairs stay and end at x.
void LbfgsDirection::skip(View x, View g) {
  State& state = *state_;
  if (!has_history()) {
    state.add(x, g, {});
    return state.begin_at_last_point();
  }
  const auto shift = [](Vector& values, const Vector& from, View to) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += to[i] - from[i];
  };
  KeptPoint& last = state.points.back();
  for (KeptPoint& point : state.points) {
    if (&point == &last) break;
    shift(point.x, last.x, x);
    shift(point.gradient, last.gradient, g);
  }
  last.x.assign(x.begin(), x.end());
  last.gradient.assign(g.begin(), g.end());
  state.rebuild();
}

}  // namespace skarma
