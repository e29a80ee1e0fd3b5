#include <skarma/estimators/mlp/internal/trained_network.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/base/internal/converted.hpp>
#include <skarma/core/engine/choose_device.hpp>
#include <skarma/core/engine/device_name.hpp>
#include <skarma/core/engine/input_gradients.hpp>
#include <skarma/core/engine/output_loss.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/core/optim/initialise.hpp>
#include <skarma/estimators/mlp/internal/initial_weights.hpp>

namespace skarma {
namespace {

template <class To, class From>
OptimiserState<To> in_type(OptimiserState<From> state) {
  return {state.rule, converted<To>(std::move(state.moments)), state.n_steps};
}

/// New parameters and no optimiser yet. Given ones take the place of drawn ones.
template <class T>
ModelState<T> drawn(const NetworkSpec& spec, const TrainingSettings& settings,
                    RandomState& random_state) {
  std::vector<T> parameters(spec.n_parameters());
  initialise<T>(spec, random_state, parameters, settings.init);
  put_initial_weights<T>(settings.initial, spec, parameters);
  return {std::move(parameters), {}};
}

std::size_t batch_of(const TrainingSettings& settings, std::size_t n_samples) {
  if (takes_all_samples(settings.rule.name)) return n_samples;
  const int wanted = settings.batch_size.value_or(200);
  return std::min(static_cast<std::size_t>(wanted), n_samples);
}

TrainingHistory fresh_history(const TrainingSettings& settings) {
  TrainingHistory history;
  if (!has_epochs(settings.solver)) return history;
  if (settings.early_stopping) {
    history.validation_scores.emplace();
    history.best_validation_score = -std::numeric_limits<double>::infinity();
  } else {
    history.best_loss = std::numeric_limits<double>::infinity();
  }
  return history;
}

void check_count(const NetworkSpec& spec, std::size_t n) {
  if (n == spec.n_parameters()) return;
  throw std::invalid_argument(
      fmt::format("A network with layers of [{}] units has {} weights and biases, got {}.",
                  fmt::join(spec.layer_units(), ", "), spec.n_parameters(), n));
}

/// Of the random numbers of a training: one draw, and none where nothing draws.
std::uint64_t seed_of(const NetworkSpec& spec, const OpenModel& model, RandomState& random_state) {
  const bool draws = spec.draws() || !model.augmentations.empty();
  return draws ? random_state.bounded(0xffffffff) : 0;
}

std::string names_of(const std::vector<Activation>& activations) {
  std::string names;
  for (const Activation& activation : activations) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", to_string(activation));
  }
  return names;
}

/// Whether parameters of the one are of use to the other. Dropout and noise have none.
bool are_alike(const NetworkSpec& a, const NetworkSpec& b) {
  return a.layer_units() == b.layer_units() && a.activations() == b.activations() &&
         &a.loss() == &b.loss() && a.options().batch_norm == b.options().batch_norm &&
         a.options().layer_norm == b.options().layer_norm &&
         a.options().residual == b.options().residual;
}

/// "relu, tanh, batch_norm, residual".
std::string hidden_layers_of(const NetworkSpec& spec) {
  std::string text = names_of(spec.activations());
  if (spec.options().batch_norm) text += ", batch_norm";
  if (spec.options().layer_norm) text += ", layer_norm";
  if (spec.options().residual) text += ", residual";
  return text;
}

/// What solver 'lm' can take.
void check_least_squares(std::string_view owner, const NetworkSpec& spec,
                         const Targets<double>& targets) {
  constexpr std::size_t kMost = LeastSquares::kMostParameters;
  if (spec.n_trained() > kMost) {
    throw std::invalid_argument(fmt::format(
        "The 'solver' parameter of {} must be another than 'lm', say 'lbfgs', for a network of "
        "more than {} weights and biases: lm solves a system with a row for each. This one, with "
        "layers of [{}] units, has {}.",
        owner, kMost, fmt::join(spec.layer_units(), ", "), spec.n_trained()));
  }
  if (std::ranges::any_of(targets.weights, [](double w) { return w < 0.0; })) {
    throw std::invalid_argument(fmt::format(
        "sample_weight must not be negative where the 'solver' parameter of {} is 'lm', which "
        "minimises a sum of squares.",
        owner));
  }
}

/// How a fit is scored on samples with these targets.
template <class Figures>
void score_by(const TrainingSettings& settings, const TrainingTask& task, bool float32,
              Targets<double> targets, Figures& figures) {
  const auto shared = std::make_shared<const Targets<double>>(std::move(targets));
  figures.loss = [shared, loss = task.loss, float32](const Matrix<double>& outputs) {
    return mean_loss(loss, outputs, *shared, float32);
  };
  if (settings.watches_loss) {
    figures.score = [loss = figures.loss](const Matrix<double>& outputs) { return -loss(outputs); };
    return;
  }
  figures.score = [shared, score = task.score](const Matrix<double>& outputs) {
    return score(outputs, *shared);
  };
  // A metric that is not of such targets says so before there is work.
  const std::size_t n = task.targets.n_outputs;
  figures.score(Matrix<double>(shared->n_samples(), n,
                               std::vector<double>(shared->n_samples() * n, 1.0 / double(n + 1))));
}

/// Parts the samples for early stopping: the fit learns from some and is scored on the others.
Targets<double> hold_out(const TrainingSettings& settings, const TrainingTask& task,
                         PreparedFit& fit) {
  const SampleView x = fit.samples;
  fit.parts = task.holdout ? *task.holdout
                           : task.split(part_sizes(x.n_samples(), settings.validation_fraction),
                                        *fit.random_state);
  if (fit.parts.test.size() < 2) {
    throw std::invalid_argument(
        "The validation set is too small. Increase 'validation_fraction' or the size of your "
        "dataset.");
  }
  fit.samples = x.rows(fit.parts.train);
  fit.held_out = x.rows(fit.parts.test);
  fit.model.targets = task.targets.at(fit.parts.train);
  return task.targets.at(fit.parts.test);
}

/// Of lists of layers: a convolution's weights are used at each place.
std::optional<double> products_per_row(const NetworkSpec& spec) {
  if (!spec.is_chain()) return std::nullopt;
  double n = 0.0;
  for (const Node& node : spec.nodes()) {
    if (!has_weights(node.operation)) continue;
    const double places = static_cast<double>(node.units / node.slots[1].size);
    n += static_cast<double>(node.slots[0].size) * places;
  }
  return n;
}

/// The device that computes a fit that is ready but for that.
std::string device_of(const TrainingSettings& settings, const FitControl& control,
                      const PreparedFit& fit) {
  if (!control.device.empty()) return control.device;
  if (settings.device != "auto") return full_device_name(settings.device);
  const NetworkSpec& spec = fit.model.spec;
  const bool is_of_users = spec.has(Operation::custom) || spec.loss_choice().custom != nullptr;
  if (is_of_users || !fit.model.augmentations.empty()) return "cpu";  // no other device can
  if (settings.solver == "lm") return "cpu";                          // which computes it anyhow
  const std::size_t n_samples = fit.samples.n_samples();
  const auto* const run = std::get_if<TrainingRun>(&fit.run);
  return choose_device({.layer_units = fit.model.spec.layer_units(),
                        .n_samples = n_samples,
                        .batch_size = run != nullptr ? run->settings.batch_size : n_samples,
                        .products_per_row = products_per_row(fit.model.spec)},
                       has_gpu);
}

StopReason reason_of(MinimiserStatus status) {
  switch (status) {
    case MinimiserStatus::converged:
      return StopReason::converged;
    case MinimiserStatus::max_iter:
      return StopReason::max_iter;
    case MinimiserStatus::max_fun:
      return StopReason::max_fun;
    case MinimiserStatus::line_search_failed:
      return StopReason::line_search_failed;
    case MinimiserStatus::cancelled:
      return StopReason::interrupted;
  }
  return StopReason::interrupted;
}

}  // namespace

std::vector<Activation> activations_of(const ActivationNames& names) {
  if (const auto* one = std::get_if<std::string>(&names)) return {parse_activation(*one)};
  std::vector<Activation> activations;
  for (const std::string& name : std::get<std::vector<std::string>>(names)) {
    activations.push_back(parse_activation(name));
  }
  return activations;
}

void TrainedNetwork::check_continuation(std::string_view owner, const TrainingSettings& settings,
                                        const NetworkSpec& wanted) const {
  if (!are_alike(wanted, spec())) {
    throw std::invalid_argument(fmt::format(
        "{} cannot go on training with another architecture: it has layers of [{}] units ({}, {} "
        "output), now [{}] ({}, {} output) are asked for. Fit without warm_start instead.",
        owner, fmt::join(spec().layer_units(), ", "), hidden_layers_of(spec()),
        spec().loss().link.name, fmt::join(wanted.layer_units(), ", "), hidden_layers_of(wanted),
        wanted.loss().link.name));
  }
  if (!has_epochs(settings.solver)) return;
  const bool had_early_stopping = history_.best_validation_score.has_value();
  if (had_early_stopping != settings.early_stopping ||
      (!had_early_stopping && !history_.best_loss)) {
    throw std::invalid_argument(
        fmt::format("{} cannot go on training after a change of 'solver' from lbfgs or lm or of "
                    "'early_stopping'. "
                    "Fit without warm_start instead.",
                    owner));
  }
}

/// Moments of one rule mean nothing to another. What else a rule is set to may change.
void TrainedNetwork::check_same_rule(const UpdateRule& wanted) {
  if (!rate_) return;
  const auto check = [&](auto& state) {
    UpdateRule& rule = state.optimiser.rule;
    if (rule.name != wanted.name) {
      throw std::invalid_argument(fmt::format(
          "keep_optimizer=True goes on with solver='{}', whose moments are there. Got '{}' "
          "instead: set keep_optimizer=False to start that anew.",
          rule.name, wanted.name));
    }
    rule = wanted;
  };
  std::visit(check, state_);
}

void TrainedNetwork::start(const TrainingSettings& settings, const NetworkSpec& spec, bool float32,
                           RandomState& random_state) {
  spec_ = spec;
  state_ = float32 ? AnyModelState(drawn<float>(spec, settings, random_state))
                   : AnyModelState(drawn<double>(spec, settings, random_state));
  history_ = fresh_history(settings);
  rate_.reset();
}

void TrainedNetwork::start_from(const TrainingSettings& settings, std::size_t n_inputs,
                                std::size_t n_outputs, const LossChoice& loss,
                                std::span<const double> parameters) {
  const NetworkSpec spec(layer_units(settings, n_inputs, n_outputs), settings.activations, loss,
                         settings.layers);
  check_count(spec, parameters.size());
  spec_ = spec;
  state_ = ModelState<double>{{parameters.begin(), parameters.end()}, {}};
  history_ = fresh_history(settings);
  rate_.reset();
}

void TrainedNetwork::set_parameters(std::span<const double> parameters) {
  check_count(spec(), parameters.size());
  const auto assign = [&]<class T>(ModelState<T>& state) {
    std::ranges::transform(parameters, state.parameters.begin(),
                           [](double v) { return static_cast<T>(v); });
  };
  std::visit(assign, state_);
}

std::unique_ptr<PreparedFit> TrainedNetwork::prepare(std::string_view owner,
                                                     const TrainingSettings& settings,
                                                     const SampleView& x, TrainingTask task,
                                                     FitMode mode, const FitControl& control) {
  NetworkSpec spec(layer_units(settings, x.n_features(), task.targets.n_outputs),
                   settings.activations, task.loss, settings.layers);
  return prepare(owner, settings, std::move(spec), x, std::move(task), mode, control);
}

std::unique_ptr<PreparedFit> TrainedNetwork::prepare(std::string_view owner,
                                                     const TrainingSettings& settings,
                                                     NetworkSpec spec, const SampleView& x,
                                                     TrainingTask task, FitMode mode,
                                                     const FitControl& control) {
  if (!settings.freeze.empty()) spec.freeze(settings.freeze);
  if (settings.solver == "lm") check_least_squares(owner, spec, task.targets);
  const bool first_pass = !is_fitted() || (!settings.warm_start && mode == FitMode::fit);
  if (first_pass) {
    check_initial_weights(owner, settings.initial, spec);
  } else {
    check_continuation(owner, settings, spec);
  }
  const auto random_state = settings.random_state.generator();
  if (first_pass) {
    start(settings, spec, settings.float32.value_or(x.is_float32()), *random_state);
  } else {
    spec_ = spec;  // dropout may have changed
  }
  auto fit = std::make_unique<PreparedFit>(std::move(spec), x);
  fit->n_threads = settings.n_threads;
  fit->model.alpha = settings.alpha;
  fit->model.restraints = settings.restraints;
  fit->model.tf32 = settings.tf32;
  fit->random_state = random_state;
  fit->targets_for = std::move(task.targets_for);
  if (has_epochs(settings.solver)) {
    prepare_epochs(settings, task, mode, first_pass, control, *fit);
  } else {
    prepare_full_batch(settings, task, control, *fit);
  }
  fit->device = device_of(settings, control, *fit);
  return fit;
}

void TrainedNetwork::prepare_full_batch(const TrainingSettings& settings, TrainingTask& task,
                                        const FitControl& control, PreparedFit& fit) {
  auto& run = fit.run.emplace<FullBatchRun>();
  run = FullBatchRun{.parameters = parameters(), .limits = settings.limits, .control = control};
  run.frozen = spec_->frozen();
  run.spec = *spec_;
  run.float32 = settings.float32 == true;
  if (task.validation) {
    run.validation = FullBatchValidation{task.validation->samples, {}, {}};
    score_by(settings, task, run.float32, std::move(task.validation->targets), *run.validation);
  }
  if (settings.solver == "lm") {
    run.least_squares.emplace(*spec_, fit.samples, task.targets, settings.alpha);
  }
  fit.model.targets = std::move(task.targets);
  const bool widens = std::holds_alternative<ModelState<float>>(state_) && settings.float32 != true;
  if (widens) fit.targets_for = {};
  fit.model.state = std::visit(
      []<class T>(ModelState<T>& state) -> AnyModelState {
        return ModelState<T>{std::move(state.parameters), {}};
      },
      state_);
}

void TrainedNetwork::prepare_epochs(const TrainingSettings& settings, TrainingTask& task,
                                    FitMode mode, bool first_pass, const FitControl& control,
                                    PreparedFit& fit) {
  fit.model.augmentations = std::move(task.augmentations);
  fit.model.seed = seed_of(*spec_, fit.model, *fit.random_state);
  const bool goes_on = mode == FitMode::partial_fit || (settings.keep_optimizer && !first_pass);
  if (goes_on && mode == FitMode::fit) check_same_rule(settings.rule);
  if (!goes_on || !rate_) {
    std::visit(
        [&]<class T>(ModelState<T>& state) {
          state.optimiser = start_optimiser<T>(settings.rule, spec_->n_trained());
        },
        state_);
    rate_ = settings.rate;
    rate_->start(settings.epochs.max_iter);
  }
  auto& run = fit.run.emplace<TrainingRun>();
  const bool float32 = std::holds_alternative<ModelState<float>>(state_);
  run.spec = *spec_;
  run.float32 = float32;
  run.counts_right = fit.model.counts_right = task.counts_right;
  if (task.validation) {
    fit.held_out = task.validation->samples;
    run.validation = Validation{{}, {}, {}, settings.early_stopping, first_pass};
    score_by(settings, task, float32, std::move(task.validation->targets), *run.validation);
    fit.model.targets = std::move(task.targets);
  } else if (settings.early_stopping) {
    Targets<double> held_out = hold_out(settings, task, fit);
    run.validation = Validation{{}, {}, {}, true, first_pass};
    score_by(settings, task, float32, std::move(held_out), *run.validation);
  } else {
    fit.model.targets = std::move(task.targets);
  }
  run.n_samples = fit.samples.n_samples();
  run.settings = settings.epochs;
  run.settings.batch_size = batch_of(settings, run.n_samples);
  run.settings.n_epochs = mode == FitMode::partial_fit ? task.n_epochs : 0;
  run.random_state = fit.random_state.get();
  run.control = control;
  run.rate = *rate_;
  run.history = std::move(history_);
  fit.model.largest_batch = run.settings.batch_size;
  fit.model.state = std::move(state_);
}

void TrainedNetwork::restart_rate(const TrainingSettings& settings) {
  if (!rate_) return;  // prepare() begins
  rate_ = settings.rate;
  rate_->start(settings.epochs.max_iter);
}

void TrainedNetwork::finish(const TrainingSettings& settings, const SampleView& x,
                            PreparedFit& fit) {
  if (auto* const run = std::get_if<FullBatchRun>(&fit.run)) {
    finish_full_batch(settings, *run);
  } else {
    finish_epochs(std::get<TrainingRun>(fit.run), std::move(fit.model.state));
  }
  device_ = fit.device;
  check_finite(settings, x);
}

/// As in scikit-learn, the result is double even for float32 samples, unless float32 is asked for.
/// What an update rule remembers stays for a later partial_fit.
void TrainedNetwork::finish_full_batch(const TrainingSettings& settings, FullBatchRun& run) {
  state_ = std::visit(
      [&]<class T>(ModelState<T>& state) -> AnyModelState {
        auto& w = run.parameters;
        if (settings.float32 == true) {
          return ModelState<float>{converted<float>(w), in_type<float>(std::move(state.optimiser))};
        }
        return ModelState<double>{std::move(w), in_type<double>(std::move(state.optimiser))};
      },
      state_);
  history_.n_iter = std::min(run.result.n_iter, settings.limits.max_iter);
  history_.loss = run.result.value;
  history_.iterations = std::move(run.history);
  stop_reason_ = reason_of(run.result.status);
  if (stop_reason_ == StopReason::interrupted && run.ended_by_callback) {
    stop_reason_ = StopReason::callback;
  }
  full_batch_solver_ = settings.solver;
  n_evaluations_ = run.result.n_evaluations;
  exceeded_max_fun_ = run.result.n_evaluations > settings.limits.max_fun;
}

void TrainedNetwork::finish_epochs(TrainingRun& run, AnyModelState state) {
  state_ = std::move(state);
  history_ = std::move(run.history);
  rate_ = run.rate;
  stop_reason_ = run.stop_reason;
  full_batch_solver_.clear();
  n_evaluations_ = 0;
  exceeded_max_fun_ = false;
}

void TrainedNetwork::check_finite(const TrainingSettings& settings, const SampleView& x) const {
  const auto w = parameters();
  if (std::all_of(w.begin(), w.end(), [](double v) { return std::isfinite(v); })) return;
  std::vector<double> row(x.n_features());
  double largest = 0.0;
  for (std::size_t i = 0; i < x.n_samples(); ++i) {
    x.gather(i, 1, row.data());
    for (const double v : row) largest = std::max(largest, std::abs(v));
  }
  std::string text =
      "Solver produced non-finite parameter weights. The input data may contain large values and "
      "need to be preprocessed.";
  text += fmt::format(" (After {} {}; the largest feature value is {:.3g}", history_.n_iter,
                      has_epochs(settings.solver) ? "epochs" : "iterations", largest);
  if (has_epochs(settings.solver))
    text += fmt::format("; learning_rate_init = {}", settings.rate.initial);
  throw DivergenceError(text + ".)");
}

AnyParameters TrainedNetwork::any_parameters() const {
  const auto view = []<class T>(const ModelState<T>& state) {
    return AnyParameters(std::span<const T>(state.parameters));
  };
  return std::visit(view, state_);
}

Matrix<double> TrainedNetwork::outputs(Engine& engine, const SampleView& x, bool linked,
                                       const std::stop_token& stop) const {
  return engine.predict({linked ? spec() : spec().unlinked(), any_parameters(), x, stop});
}

Matrix<double> TrainedNetwork::before_last(Engine& engine, const SampleView& x,
                                           const std::stop_token& stop) const {
  return engine.predict({spec(), any_parameters(), x, stop, true});
}

Matrix<double> TrainedNetwork::loss_by_inputs(const SampleView& x,
                                              const Targets<double>& targets) const {
  return skarma::loss_by_inputs(spec(), any_parameters(), x, targets);
}

Matrix<double> TrainedNetwork::output_by_inputs(const SampleView& x,
                                                std::span<const std::int32_t> outputs) const {
  return skarma::output_by_inputs(spec(), any_parameters(), x, outputs);
}

const NetworkSpec& TrainedNetwork::spec() const {
  SKARMA_CHECK(is_fitted());
  return *spec_;
}

void TrainedNetwork::widen() {
  auto* const narrow = std::get_if<ModelState<float>>(&state_);
  if (narrow == nullptr) return;
  state_ = ModelState<double>{converted<double>(narrow->parameters),
                              in_type<double>(std::move(narrow->optimiser))};
}

std::vector<double> TrainedNetwork::parameters() const {
  const auto in_double = []<class T>(const ModelState<T>& state) {
    return converted<double>(state.parameters);
  };
  return std::visit(in_double, state_);
}

std::vector<Matrix<double>> TrainedNetwork::coefs() const {
  const auto w = parameters();
  std::vector<Matrix<double>> result;
  for (const LayerPlace& layer : spec().layers()) {
    const auto first = w.begin() + static_cast<std::ptrdiff_t>(layer.coef);
    const auto count = static_cast<std::ptrdiff_t>(layer.inputs * layer.outputs);
    result.emplace_back(layer.inputs, layer.outputs, std::vector<double>(first, first + count));
  }
  return result;
}

std::vector<std::vector<double>> TrainedNetwork::intercepts() const {
  const auto w = parameters();
  std::vector<std::vector<double>> result;
  for (const LayerPlace& layer : spec().layers()) {
    const auto first = w.begin() + static_cast<std::ptrdiff_t>(layer.intercept);
    result.emplace_back(first, first + static_cast<std::ptrdiff_t>(layer.outputs));
  }
  return result;
}

std::vector<Matrix<double>> TrainedNetwork::norms(Operation operation) const {
  std::vector<Matrix<double>> result;
  if (!spec().has(operation)) return result;
  const auto w = parameters();
  for (const Node& node : spec().nodes()) {
    if (node.operation != operation) continue;
    Matrix<double> numbers(node.slots.size(), node.units);
    for (std::size_t i = 0; i < node.slots.size(); ++i) {
      std::copy_n(&w[node.slots[i].offset], node.units, numbers.row(i).begin());
    }
    result.push_back(std::move(numbers));
  }
  return result;
}

}  // namespace skarma
