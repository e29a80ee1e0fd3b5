#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/optim/restraints.hpp>
#include <skarma/core/optim/update_rule.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

/// Steps of an update rule with restraints. Penalties are part of the gradient; it is clipped,
/// component by component, then as a whole (as torch.nn.utils.clip_grad_value_ and
/// clip_grad_norm_); the rule takes its step; where there is l1 no weight changes its sign (Andrew
/// and Gao, ICML 2007), so that weights become 0 and stay; then the norm of what each unit reads by
/// is cut to max_norm (Srivastava et al., JMLR 15, 2014).
template <class T>
class RestrainedStep {
 public:
  RestrainedStep(const Restraints& restraints, const NetworkSpec& spec);

  /// As take_step. Returns alpha / 2 times the sum of the squared coefs and l1 times the sum of
  /// their magnitudes, both before the step.
  double take(OptimiserState<T>& state, const NetworkSpec& spec, std::span<T> parameters,
              std::span<T> gradient, double alpha, double batch_weight, double rate,
              ThreadTeam& team);

 private:
  double penalise(const NetworkSpec& spec, std::span<const T> parameters, std::span<T> gradient,
                  double alpha, double batch_weight, ThreadTeam& team) const;
  void clip(const NetworkSpec& spec, std::span<T> gradient, ThreadTeam& team) const;
  void stay_in_orthant(const NetworkSpec& spec, std::span<T> parameters,
                       std::span<const T> gradient, ThreadTeam& team) const;
  void limit_norms(const NetworkSpec& spec, std::span<T> parameters, ThreadTeam& team);

  Restraints restraints_;
  std::vector<T> before_;      // parameters before the step, where there is l1
  std::vector<double> norms_;  // of the units of a layer
};

}  // namespace skarma
