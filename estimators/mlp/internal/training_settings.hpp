#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/core/net/initialiser.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/optim/learning_rate.hpp>
#include <skarma/core/optim/minimiser.hpp>
#include <skarma/core/optim/restraints.hpp>
#include <skarma/core/optim/schedule.hpp>
#include <skarma/core/optim/update_rule.hpp>
#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/core/train/training_run.hpp>
#include <skarma/estimators/mlp/mlp_params.hpp>

namespace skarma {

/// lbfgs and lm minimise one function of all samples, the others go by epochs.
inline bool has_epochs(std::string_view solver) { return solver != "lbfgs" && solver != "lm"; }

/// An MLP's parameters in the core's terms, valid ones only.
struct TrainingSettings {
  std::vector<std::size_t> hidden_layer_sizes;
  std::vector<Activation> activations;  // one for all hidden layers, or one for each
  HiddenLayerOptions layers;
  Initialiser init;
  InitialWeights initial;
  std::string solver;
  double alpha;
  Restraints restraints;
  std::optional<int> batch_size;
  UpdateRule rule;
  LearningRate rate;
  EpochSettings epochs;
  MinimiserLimits limits;  // where there are no epochs
  bool early_stopping;
  std::vector<int> freeze;
  bool watches_loss;  // whether early stopping looks at that of the validation samples
  double validation_fraction;
  bool warm_start;
  bool keep_optimizer;  // whether a warm start goes on with what the update rule remembers
  RandomSeed random_state;
  std::string device;  // of kDeviceNames
  int n_threads;
  std::optional<bool> float32;  // nullopt: as the samples are
  bool tf32;                    // whether products may take less than float32
};

std::vector<Activation> activations_of(const ActivationNames& names);

/// Inputs first, outputs last.
inline std::vector<std::size_t> layer_units(const TrainingSettings& settings, std::size_t n_inputs,
                                            std::size_t n_outputs) {
  std::vector<std::size_t> all{n_inputs};
  all.insert(all.end(), settings.hidden_layer_sizes.begin(), settings.hidden_layer_sizes.end());
  all.push_back(n_outputs);
  return all;
}

/// scikit-learn's schedules are for sgd alone, the others for all solvers with a learning rate.
template <class Params>
std::string schedule_of(const Params& p) {
  return p.solver == "sgd" || Schedule::is_one(p.learning_rate) ? p.learning_rate : "constant";
}

template <class Params>
TrainingSettings settings_of(const Params& p) {
  return {.hidden_layer_sizes = {p.hidden_layer_sizes.begin(), p.hidden_layer_sizes.end()},
          .activations = activations_of(p.activation),
          .layers = {p.dropout, p.batch_norm, p.residual, p.layer_norm, p.noise},
          .init = parse_initialiser(p.init),
          .initial = p.initial,
          .solver = p.solver,
          .alpha = p.alpha,
          .restraints = {p.l1, p.clip_value.value_or(0.0), p.clip_norm.value_or(0.0),
                         p.max_norm.value_or(0.0)},
          .batch_size = p.batch_size,
          .rule = {p.solver, p.momentum, p.nesterovs_momentum, p.beta_1, p.beta_2, p.epsilon,
                   p.weight_decay},
          .rate = {schedule_of(p), p.learning_rate_init, p.power_t},
          .epochs = {.shuffle = p.shuffle,
                     .max_iter = p.max_iter,
                     .tol = p.tol,
                     .n_iter_no_change = p.n_iter_no_change},
          .limits = {p.max_iter, p.max_fun, p.tol},
          .early_stopping = p.early_stopping,
          .freeze = p.freeze,
          .watches_loss = p.early_stopping_metric == "loss",
          .validation_fraction = p.validation_fraction,
          .warm_start = p.warm_start,
          .keep_optimizer = p.keep_optimizer,
          .random_state = p.random_state,
          .device = p.device,
          .n_threads = useful_threads(p.n_threads, "n_threads"),
          .float32 = p.dtype ? std::optional(*p.dtype == "float32") : std::nullopt,
          .tf32 = p.precision.has_value()};
}

}  // namespace skarma
