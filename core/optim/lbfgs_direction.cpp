#include <skarma/core/optim/lbfgs_direction.hpp>

#include <cstddef>

#include <dlib/matrix.h>
#include <dlib/optimization/optimization_search_strategies.h>

namespace skarma {
namespace {

using Column = dlib::matrix<double, 0, 1>;

/// dlib trims its list after it has computed a direction, so that 9 works with 10 pairs.
constexpr unsigned long kPairs = 9;

Column copied(std::span<const double> values, double factor = 1.0) {
  Column column(static_cast<long>(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) column(static_cast<long>(i)) = factor * values[i];
  return column;
}

}  // namespace

/// dlib clamps its initial scaling s'y / y'y to [1e-3, 1e3] and drops pairs by an absolute test,
/// which would ruin badly scaled problems. Directions do not change when all gradients are
/// multiplied by one constant; with c = s'y / y'y of the first step its scaling begins at 1.
struct LbfgsDirection::State {
  std::unique_ptr<dlib::lbfgs_search_strategy> strategy;
  Column start;  // the first point and gradient, until the first step fixes `factor`
  Column start_gradient;
  Column direction;
  double factor = 1.0;
  enum { kEmpty, kOnePoint, kPairs } stage = kEmpty;

  /// The constant that makes the first pair's scaling 1; 1 if that pair has no curvature.
  double first_scaling(const Column& x, const Column& g) const {
    const Column s = x - start;
    const Column y = g - start_gradient;
    const double scaling = dlib::dot(s, y) / dlib::dot(y, y);
    return scaling > 0.0 && scaling < 1e300 ? scaling : 1.0;
  }
};

LbfgsDirection::LbfgsDirection() : state_(std::make_unique<State>()) {}
LbfgsDirection::~LbfgsDirection() = default;

bool LbfgsDirection::has_history() const { return state_->stage == State::kPairs; }

void LbfgsDirection::forget() { *state_ = State(); }

std::span<const double> LbfgsDirection::at(std::span<const double> x, std::span<const double> g) {
  State& state = *state_;
  const Column point = copied(x);
  if (state.stage == State::kEmpty) {
    state.start = point;
    state.start_gradient = copied(g);
    state.direction = -state.start_gradient;
    state.stage = State::kOnePoint;
  } else {
    if (state.stage == State::kOnePoint) {
      state.factor = state.first_scaling(point, copied(g));
      state.strategy = std::make_unique<dlib::lbfgs_search_strategy>(kPairs);
      const Column scaled_start = state.factor * state.start_gradient;
      state.strategy->get_next_direction(state.start, 0.0, scaled_start);
      state.start.set_size(0);
      state.start_gradient.set_size(0);
      state.stage = State::kPairs;
    }
    state.direction = state.strategy->get_next_direction(point, 0.0, copied(g, state.factor));
  }
  return {state.direction.begin(), static_cast<std::size_t>(state.direction.size())};
}

}  // namespace skarma
