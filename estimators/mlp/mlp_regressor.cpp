#include <skarma/estimators/mlp/mlp_regressor.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <skarma/core/base/all_finite.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/io/internal/model_archive.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/metrics/metrics.hpp>
#include <skarma/estimators/metrics/regression_metrics.hpp>
#include <skarma/estimators/mlp/internal/initial_weights.hpp>
#include <skarma/estimators/mlp/internal/keep_best_start.hpp>
#include <skarma/estimators/mlp/internal/mlp_parameter_table.hpp>
#include <skarma/estimators/mlp/internal/output_scorer.hpp>
#include <skarma/estimators/mlp/internal/trained_network.hpp>
#include <skarma/estimators/mlp/internal/untrained_members.hpp>

namespace skarma {
namespace {

/// R2 on held-out samples; NaN if a prediction is not finite.
double held_out_r2(const Matrix<double>& outputs, const Targets<double>& truth) {
  if (!all_finite(outputs.view())) return std::numeric_limits<double>::quiet_NaN();
  const MatrixView<const double> y(truth.values.data(), outputs.rows(), outputs.cols());
  return r2_score(y, outputs, truth.weights);
}

/// Scores of numbers alone.
std::optional<Targets<double>> targets_for(ScoreKind kind, const Target& y) {
  if (kind != kSquaredErrors && kind != kAbsoluteErrors) return std::nullopt;
  return Targets<double>{{}, y.values().values(), {}, y.n_outputs()};
}

/// Levels of quantiles, in rising order.
std::vector<double> levels_of(const MLPRegressorParams& params) {
  if (const auto* one = std::get_if<double>(&params.quantile)) return {*one};
  return std::get<std::vector<double>>(params.quantile);
}

LossChoice loss_of(const MLPRegressorParams& params) {
  LossChoice choice = parse_loss(params.loss);
  if (choice.row->function == kQuantile) choice.numbers = levels_of(params);
  return choice;
}

/// The mean over the levels of what part of the best constant's pinball loss is not left.
double pinball_skill(MatrixView<const double> truth, const Matrix<double>& predicted,
                     std::span<const double> levels, std::span<const double> weights) {
  double sum = 0.0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const MatrixView<const double> one(predicted.data() + k, predicted.rows(), 1, predicted.cols());
    sum += d2_pinball_score(truth, one, levels[k], weights);
  }
  return sum / static_cast<double>(levels.size());
}

/// As many columns as levels, each the one target.
std::vector<double> repeated(const Target& y, std::size_t n) {
  std::vector<double> values;
  values.reserve(y.n_samples() * n);
  for (const double v : y.values().values()) values.insert(values.end(), n, v);
  return values;
}

/// Targets that a loss can have.
void check_range(const LossChoice& loss, const Target& y) {
  if (loss.row->function == kQuantile && y.n_outputs() != 1) {
    throw std::invalid_argument(fmt::format(
        "The loss 'quantile' takes targets of one output. Got {} outputs.", y.n_outputs()));
  }
  check_targets(loss, y.values().values());
}

/// Quantiles of one target, each held to it.
TrainingTask quantile_task(const LossChoice& loss, const Target& y,
                           std::span<const double> sample_weight) {
  const std::size_t n = y.n_samples(), n_levels = loss.numbers.size();
  const auto split = [n](PartSizes sizes, RandomState& random_state) {
    return shuffle_split(n, sizes, random_state);
  };
  const auto score = [levels = loss.numbers](const Matrix<double>& outputs,
                                             const Targets<double>& held_out) {
    if (!all_finite(outputs.view())) return std::numeric_limits<double>::quiet_NaN();
    const MatrixView<const double> truth(held_out.values.data(), outputs.rows(), 1, levels.size());
    return pinball_skill(truth, outputs, levels, held_out.weights);
  };
  return {loss,
          {{}, repeated(y, n_levels), {sample_weight.begin(), sample_weight.end()}, n_levels},
          split,
          score,
          {}};
}

TrainingTask task_of(const MLPRegressorParams& params, const Target& y,
                     std::span<const double> sample_weight) {
  const LossChoice loss = loss_of(params);
  check_range(loss, y);
  if (loss.row->function == kQuantile) return quantile_task(loss, y, sample_weight);
  const std::size_t n = y.n_samples();
  const auto split = [n](PartSizes sizes, RandomState& random_state) {
    return shuffle_split(n, sizes, random_state);
  };
  return {loss,
          {{}, y.values().values(), {sample_weight.begin(), sample_weight.end()}, y.n_outputs()},
          split,
          held_out_r2,
          targets_for};
}

Targets<double> validation_targets(const MLPRegressorParams& params,
                                   const ValidationData& validation, const Target& y) {
  check_finite_target(validation.y);
  if (validation.y.n_outputs() != y.n_outputs()) {
    throw std::invalid_argument(fmt::format("`y_val` has {} outputs, `y` has {}.",
                                            validation.y.n_outputs(), y.n_outputs()));
  }
  return task_of(params, validation.y, validation.sample_weight).targets;
}

/// A score by its name; NaN if a prediction is not finite.
double scored(const std::string& metric, const Matrix<double>& outputs,
              const Targets<double>& truth) {
  if (!all_finite(outputs.view())) return std::numeric_limits<double>::quiet_NaN();
  const auto y = Target::numbers({outputs.rows(), outputs.cols(), truth.values});
  return score_outputs(metric, {Target::numbers(outputs), {}, nullptr}, y, truth.weights);
}

}  // namespace

std::unique_ptr<Estimator> MLPRegressor::clone() const {
  auto copy = std::make_unique<MLPRegressor>(params_);
  copy->params_.random_state = params_.random_state.copy();
  return copy;
}

MLPRegressor& MLPRegressor::set(std::string_view parameter, const ParamValue& value) {
  mlp_regressor_parameters().set(params_, parameter, value);
  return *this;
}

std::vector<ParameterInfo> MLPRegressor::parameter_infos() {
  return mlp_regressor_parameters().infos();
}

ParamSet MLPRegressor::parameters() const { return mlp_regressor_parameters().values(params_); }

std::optional<ParamValue> MLPRegressor::parameter(std::string_view name) const {
  return mlp_regressor_parameters().value(params_, name);
}

void MLPRegressor::validate() const { mlp_regressor_parameters().validate(params_); }

void MLPRegressor::check_device() const { require_device(params_.device); }

std::unique_ptr<PreparedFit> MLPRegressor::prepare_in(FitMode mode, const SampleView& x,
                                                      const Target& y, const FitOptions& options) {
  check_samples(name(), x);
  check_same_length(x, y);
  check_finite_target(y);
  check_weights(options.sample_weight, x.n_samples());
  TrainingTask task = task_of(params_, y, options.sample_weight);
  if (options.validation) {
    check_validation(name(), *options.validation, x.n_features());
    task.validation =
        GivenValidation{options.validation->x, validation_targets(params_, *options.validation, y)};
  }
  if (const auto& metric = params_.early_stopping_metric; metric && metric != "loss") {
    task.score = [metric = *metric](const Matrix<double>& outputs, const Targets<double>& truth) {
      return scored(metric, outputs, truth);
    };
  }
  const std::size_t n_outputs = task.targets.n_outputs;
  auto fit = prepare_network(settings_of(params_), x, std::move(task), mode, options);
  if (options.control.callbacks.empty()) return fit;
  const auto to_bytes = [params = params_, n_features = x.n_features(),
                         n_outputs](std::span<const double> parameters) {
    MLPRegressor model(params);
    model.start_network(settings_of(params), n_features, n_outputs, loss_of(params), parameters);
    return model_to_bytes(model);
  };
  std::visit([&](auto& run) { run.to_bytes = to_bytes; }, fit->run);
  return fit;
}

void MLPRegressor::fit_members(const SampleView& x, const Target& y, const FitOptions& options) {
  auto members = untrained_members<MLPRegressor>(params_);
  std::vector<MLPBase*> all;
  for (MLPRegressor& member : members) all.push_back(&member);
  all.resize(train_members(all, x, y, options));
  take_members(all);
}

MLPRegressor MLPRegressor::member(std::size_t i) const {
  if (n_members() == 1 && i == 0) return *this;
  MLPRegressorParams one = params_;
  one.n_members = 1;
  one.random_state = seed_of_member(i);
  MLPRegressor result(one);
  give_member(i, result);
  return result;
}

std::unique_ptr<PreparedFit> MLPRegressor::prepare(const SampleView& x, const Target& y,
                                                   const FitOptions& options) {
  validate();
  check_device();
  if (params_.n_init > 1 && !(is_fitted() && params_.warm_start)) {
    keep_best_start(*this, params_, x, y, options);
    return nullptr;
  }
  if (params_.n_members > 1) {
    fit_members(x, y, options);
    return nullptr;
  }
  return prepare_in(FitMode::fit, x, y, options);
}

MLPRegressor& MLPRegressor::fit(const SampleView& x, const Target& y, const FitOptions& options) {
  if (const auto fit = prepare(x, y, options)) train_alone(*fit, options.control);
  return *this;
}

MLPRegressor& MLPRegressor::partial_fit(const SampleView& x, const Target& y,
                                        const FitOptions& options) {
  validate();
  check_one_member(name(), params_.n_members);
  check_n_epochs(options.n_epochs, params_.solver, has_epochs(params_.solver));
  check_device();
  if (params_.early_stopping && has_epochs(params_.solver)) {
    throw std::invalid_argument("partial_fit does not support early_stopping=True");
  }
  train_alone(*prepare_in(FitMode::partial_fit, x, y, options), options.control);
  return *this;
}

MLPRegressor& MLPRegressor::start_from(std::size_t n_features, std::size_t n_outputs,
                                       std::span<const double> parameters) {
  validate();
  start_network(settings_of(params_), n_features, n_outputs, loss_of(params_), parameters);
  return *this;
}

Target MLPRegressor::predict(const SampleView& x) const {
  return Target::numbers(checked_outputs(x, params_.device, params_.n_threads));
}

Matrix<double> MLPRegressor::input_gradient(const SampleView& x, const Target& y) const {
  check_to_predict(x);
  check_same_length(x, y);
  check_finite_target(y);
  const TrainingTask task = task_of(params_, y, {});  // of several quantiles y is one output
  if (task.targets.n_outputs != n_outputs()) {
    throw std::invalid_argument(
        fmt::format("`y` has {} outputs, {} were learnt.", task.targets.n_outputs, n_outputs()));
  }
  return input_gradient_of(x, task.targets);
}

Matrix<double> MLPRegressor::integrated_gradients(const SampleView& x, std::size_t output,
                                                  std::span<const double> baseline,
                                                  int n_steps) const {
  check_to_predict(x);
  if (output >= n_outputs()) {
    throw std::invalid_argument(
        fmt::format("There is no output {}: there are {}.", output, n_outputs()));
  }
  const std::vector<std::int32_t> all(x.n_samples(), static_cast<std::int32_t>(output));
  return integrated_gradients_of(x, all, baseline, n_steps);
}

double MLPRegressor::score(const SampleView& x, const Target& y,
                           std::span<const double> sample_weight) const {
  check_same_length(x, y);
  const Target predicted = predict(x);
  const NetworkSpec& spec = fitted().spec();
  if (spec.loss().function != kQuantile) {
    return r2_score(y.values(), predicted.values(), sample_weight);
  }
  return pinball_skill(y.values(), predicted.values(), spec.loss_numbers(), sample_weight);
}

void MLPRegressor::write(ModelArchive& archive) const {
  write_network(archive);
  archive.write_params(parameters());
  write_initial_weights(archive, params_.initial);
}

void MLPRegressor::read(ModelArchive& archive) {
  for (const auto& [name, value] : archive.params()) set(name, value);
  params_.initial = read_initial_weights(archive);
  read_network(archive);
  if (fitted().spec().loss().targets != TargetKind::numbers) {
    archive.fail("the network is a classifier's");
  }
}

}  // namespace skarma
