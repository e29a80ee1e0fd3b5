#include <skarma/estimators/mlp/mlp_regressor.hpp>

#include <limits>
#include <optional>
#include <stdexcept>

#include <skarma/core/base/all_finite.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/io/internal/model_archive.hpp>
#include <skarma/estimators/metrics/metrics.hpp>
#include <skarma/estimators/mlp/internal/mlp_parameter_table.hpp>
#include <skarma/estimators/mlp/internal/trained_network.hpp>

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

TrainingTask task_of(const MLPRegressorParams& params, const Target& y,
                     std::span<const double> sample_weight) {
  const std::size_t n = y.n_samples();
  const auto split = [n](PartSizes sizes, RandomState& random_state) {
    return shuffle_split(n, sizes, random_state);
  };
  return {find_loss(params.loss),
          {{}, y.values().values(), {sample_weight.begin(), sample_weight.end()}, y.n_outputs()},
          split,
          held_out_r2,
          targets_for};
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

void MLPRegressor::validate() const { mlp_regressor_parameters().validate(params_); }

void MLPRegressor::check_device() const { require_device(params_.device); }

std::unique_ptr<PreparedFit> MLPRegressor::prepare_in(FitMode mode, const SampleView& x,
                                                      const Target& y, const FitOptions& options) {
  check_samples(name(), x);
  check_same_length(x, y);
  check_finite_target(y);
  check_weights(options.sample_weight, x.n_samples());
  return prepare_network(settings_of(params_), x, task_of(params_, y, options.sample_weight), mode,
                         options);
}

std::unique_ptr<PreparedFit> MLPRegressor::prepare(const SampleView& x, const Target& y,
                                                   const FitOptions& options) {
  validate();
  check_device();
  return prepare_in(FitMode::fit, x, y, options);
}

MLPRegressor& MLPRegressor::fit(const SampleView& x, const Target& y, const FitOptions& options) {
  train_alone(*prepare(x, y, options), options.control);
  return *this;
}

MLPRegressor& MLPRegressor::partial_fit(const SampleView& x, const Target& y,
                                        const FitOptions& options) {
  validate();
  check_device();
  if (params_.early_stopping && params_.solver != "lbfgs") {
    throw std::invalid_argument("partial_fit does not support early_stopping=True");
  }
  train_alone(*prepare_in(FitMode::partial_fit, x, y, options), options.control);
  return *this;
}

MLPRegressor& MLPRegressor::start_from(std::size_t n_features, std::size_t n_outputs,
                                       std::span<const double> parameters) {
  validate();
  start_network(settings_of(params_), n_features, n_outputs, params_.loss, parameters);
  return *this;
}

Target MLPRegressor::predict(const SampleView& x) const {
  return Target::numbers(checked_outputs(x, params_.device, params_.n_threads));
}

double MLPRegressor::score(const SampleView& x, const Target& y,
                           std::span<const double> sample_weight) const {
  check_same_length(x, y);
  return r2_score(y.values(), predict(x).values(), sample_weight);
}

void MLPRegressor::write(ModelArchive& archive) const {
  write_network(archive);
  archive.write_params(parameters());
}

void MLPRegressor::read(ModelArchive& archive) {
  for (const auto& [name, value] : archive.params()) set(name, value);
  read_network(archive);
  if (out_activation() != "identity" && out_activation() != "exp") {
    archive.fail("the network is a classifier's");
  }
}

}  // namespace skarma
