#pragma once

#include <functional>
#include <span>
#include <stop_token>

namespace skarma {

/// f and its gradient at x; writes the gradient, returns f.
using Objective = std::function<double(std::span<const double> x, std::span<double> gradient)>;

/// When a minimisation ends. The defaults are scikit-learn's.
struct LbfgsLimits {
  int max_iter = 200;
  int max_fun = 15000;         // looked at between iterations
  double gradient_tol = 1e-4;  // on the largest component of the gradient
};

enum class LbfgsStatus { converged, max_iter, max_fun, line_search_failed, cancelled };

struct LbfgsResult {
  LbfgsStatus status;
  int n_iter;
  int n_evaluations;  // of distinct points
  double value;       // f at the returned x
};

/// Minimises `objective` from x in place: dlib's direction, More-Thuente's search, and the tests of
/// SciPy's L-BFGS-B in their order, so that the iterates are scikit-learn's while rounding allows.
/// `after_iteration` is told the iteration (from 1) and f. A failed search leaves x at the last
/// accepted point; so does a stop request.
LbfgsResult minimise_lbfgs(const Objective& objective, std::span<double> x,
                           const LbfgsLimits& limits, std::stop_token stop = {},
                           const std::function<void(int, double)>& after_iteration = {});

}  // namespace skarma
