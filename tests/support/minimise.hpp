#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <stop_token>

#include <skarma/core/optim/lbfgs.hpp>

namespace skarma::test {

/// f and its gradient at x; writes the gradient, returns f.
using Objective = std::function<double(std::span<const double> x, std::span<double> gradient)>;

/// Minimises `objective` from x in place, evaluation by evaluation. `after_iteration` is told the
/// iteration (from 1) and f. A stop request may end an evaluation early: what came out is not used.
inline MinimiserResult minimise_lbfgs(
    const Objective& objective, std::span<double> x, const MinimiserLimits& limits,
    const std::stop_token& stop = {},
    const std::function<void(int, double)>& after_iteration = {}) {
  Lbfgs lbfgs({x.begin(), x.end()}, limits);
  for (auto event = lbfgs.next(); event != Lbfgs::Event::ended; event = lbfgs.next()) {
    if (event == Lbfgs::Event::iterated) {
      if (after_iteration) after_iteration(lbfgs.n_iter(), lbfgs.value());
      continue;
    }
    const double value = stop.stop_requested() ? 0.0 : objective(lbfgs.point(), lbfgs.gradient());
    stop.stop_requested() ? lbfgs.cancel() : lbfgs.tell(value);
  }
  std::ranges::copy(lbfgs.x(), x.begin());
  return lbfgs.result();
}

}  // namespace skarma::test
