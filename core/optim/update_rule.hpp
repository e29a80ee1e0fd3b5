#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

/// Which update rule, with the settings of all of them; each reads its own.
struct UpdateRule {
  std::string name = "adam";  // one of update_rule_names()
  double momentum = 0.9;
  bool nesterovs_momentum = true;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
  bool operator==(const UpdateRule&) const = default;
};

/// The rows of the table in update_rule.cpp: "sgd", "adam", "rmsprop", "adamw", "adagrad",
/// "adadelta", "amsgrad", "nadam", "lion", "rprop", "gd".
std::span<const std::string_view> update_rule_names();

/// What an update rule remembers from step to step: moment vectors (one after another, each as long
/// as the packed parameters) and the number of steps taken.
template <class T>
struct OptimiserState {
  UpdateRule rule;
  std::vector<T> moments;
  std::int64_t n_steps = 0;
};

/// The number of the step that comes next, from 0.
template <class T>
std::uint64_t step_number(const OptimiserState<T>& state) {
  return static_cast<std::uint64_t>(state.n_steps);
}

/// Whether this is a rule each step of which is of all samples, whatever the size of a minibatch.
bool takes_all_samples(std::string_view rule);

/// A fresh state for `n_parameters`. Throws std::invalid_argument for an unknown rule.
template <class T>
OptimiserState<T> start_optimiser(const UpdateRule& rule, std::size_t n_parameters);

/// One step, in place. `parameters` are the trained ones, `gradient` the raw sum over a
/// batch; the gradient proper is
/// (gradient + alpha w) / batch_weight, with alpha = 0 for biases, which have no weight decay
/// either. Returns the sum of the squared coefs before the step.
template <class T>
double take_step(OptimiserState<T>& state, const NetworkSpec& spec, std::span<T> parameters,
                 std::span<T> gradient, double alpha, double batch_weight, double rate,
                 ThreadTeam& team = ThreadTeam::alone());

}  // namespace skarma
