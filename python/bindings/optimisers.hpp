#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/optim/lbfgs.hpp>
#include <skarma/core/optim/update_rule.hpp>

namespace skarma::python {

/// An update rule that is told gradients: what training takes its steps with, for demonstrations.
class RuleSteps {
 public:
  /// Throws std::invalid_argument for an unknown rule, or if there is nothing to step.
  RuleSteps(const UpdateRule& rule, std::size_t n);

  /// The point after one step from `point`. Throws std::invalid_argument unless both are of n
  /// numbers.
  std::vector<double> step(std::span<const double> point, std::span<const double> gradient,
                           double rate);

 private:
  NetworkSpec spec_;  // linear, with n coefs, and a bias that stays 0
  OptimiserState<double> state_;
  std::vector<double> parameters_, gradient_;
};

/// L-BFGS that is told values and gradients, for demonstrations.
class LbfgsSteps {
 public:
  LbfgsSteps(std::vector<double> start, const MinimiserLimits& limits)
      : n_(start.size()), lbfgs_(std::move(start), limits) {}

  /// "evaluate", "iterated" or "ended".
  std::string next();
  std::vector<double> point() const { return {lbfgs_.point().begin(), lbfgs_.point().end()}; }
  const std::vector<double>& x() const { return lbfgs_.x(); }
  double value() const { return lbfgs_.value(); }
  /// Of point(). Throws std::invalid_argument unless something is wanted, of n numbers.
  void tell(double value, std::span<const double> gradient);

 private:
  std::size_t n_;
  bool is_wanted_ = false;
  Lbfgs lbfgs_;
};

}  // namespace skarma::python
