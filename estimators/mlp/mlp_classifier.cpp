#include <skarma/estimators/mlp/mlp_classifier.hpp>

#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/io/internal/model_archive.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/metrics/metrics.hpp>
#include <skarma/estimators/mlp/internal/calibration.hpp>
#include <skarma/estimators/mlp/internal/class_weight.hpp>
#include <skarma/estimators/mlp/internal/classification_task.hpp>
#include <skarma/estimators/mlp/internal/initial_weights.hpp>
#include <skarma/estimators/mlp/internal/keep_best_start.hpp>
#include <skarma/estimators/mlp/internal/mlp_parameter_table.hpp>
#include <skarma/estimators/mlp/internal/output_scorer.hpp>
#include <skarma/estimators/mlp/internal/trained_network.hpp>
#include <skarma/estimators/mlp/internal/untrained_members.hpp>

namespace skarma {
std::unique_ptr<Estimator> MLPClassifier::clone() const {
  auto copy = std::make_unique<MLPClassifier>(params_);
  copy->params_.random_state = params_.random_state.copy();
  return copy;
}

MLPClassifier& MLPClassifier::set(std::string_view parameter, const ParamValue& value) {
  mlp_classifier_parameters().set(params_, parameter, value);
  return *this;
}

std::vector<ParameterInfo> MLPClassifier::parameter_infos() {
  return mlp_classifier_parameters().infos();
}

ParamSet MLPClassifier::parameters() const { return mlp_classifier_parameters().values(params_); }

std::optional<ParamValue> MLPClassifier::parameter(std::string_view name) const {
  return mlp_classifier_parameters().value(params_, name);
}

void MLPClassifier::validate() const { mlp_classifier_parameters().validate(params_); }

void MLPClassifier::check_device() const { require_device(params_.device); }

/// For these classes.
std::unique_ptr<PreparedFit> MLPClassifier::prepare_in(FitMode mode, const SampleView& x,
                                                       const Target& y,
                                                       std::shared_ptr<const Classes> classes,
                                                       const FitOptions& options) {
  check_weights(options.sample_weight, x.n_samples());
  const bool multilabel = y.type() == TargetType::multilabel;
  std::vector<double> weights(options.sample_weight.begin(), options.sample_weight.end());
  if (params_.class_weight) {
    weights = weighted_by_class(*params_.class_weight, y, *classes, options.sample_weight);
    check_weights(weights, x.n_samples());
  }
  TrainingTask task = classification_task(params_, y, *classes, weights);
  const double threshold = threshold_of(task.loss.row->link);
  if (options.validation) {
    check_validation(name(), *options.validation, x.n_features());
    task.validation =
        GivenValidation{options.validation->x,
                        validation_targets(*options.validation, *classes, multilabel, params_)};
  }
  if (const auto& metric = params_.early_stopping_metric; metric && metric != "loss") {
    task.score = [=, metric = *metric](const Matrix<double>& outputs,
                                       const Targets<double>& truth) {
      const DecodedOutputs decoded{labels_of(outputs, classes, multilabel, threshold),
                                   probabilities_of(outputs, multilabel),
                                   multilabel ? nullptr : classes.get()};
      return score_outputs(metric, decoded, truth_of(truth, classes, multilabel), truth.weights);
    };
  }
  const bool has_scores = gives_scores(*task.loss.row);
  const bool has_codes = task.loss.row->targets == TargetKind::code;
  task.targets_for = [=](ScoreKind kind, const Target& other) -> std::optional<Targets<double>> {
    // Devices take an output for a probability.
    if (has_scores && (kind != kRightRows || !has_codes)) return std::nullopt;
    return targets_to_score(kind, other, *classes, multilabel);
  };
  const std::size_t n_outputs = task.targets.n_outputs;
  const LossChoice loss = task.loss;
  auto fit = prepare_network(settings_of(params_), x, std::move(task), mode, options,
                             [this, classes, multilabel] {
                               classes_ = classes;
                               multilabel_ = multilabel;
                               temperature_ = 1.0;
                             });
  if (options.control.callbacks.empty()) return fit;
  const auto to_bytes = [params = params_, n_features = x.n_features(), n_outputs, loss, classes,
                         multilabel](std::span<const double> parameters) {
    MLPClassifier model(params);
    model.start_network(settings_of(params), n_features, n_outputs, loss, parameters);
    model.classes_ = classes;
    model.multilabel_ = multilabel;
    return model_to_bytes(model);
  };
  std::visit([&](auto& run) { run.to_bytes = to_bytes; }, fit->run);
  return fit;
}

void MLPClassifier::fit_members(const SampleView& x, const Target& y, const FitOptions& options) {
  auto members = untrained_members<MLPClassifier>(params_);
  std::vector<MLPBase*> all;
  for (MLPClassifier& member : members) all.push_back(&member);
  all.resize(train_members(all, x, y, options));
  take_members(all);
  classes_ = members.front().classes_;
  multilabel_ = members.front().multilabel_;
  temperature_ = 1.0;
}

MLPClassifier MLPClassifier::member(std::size_t i) const {
  if (n_members() == 1 && i == 0) return *this;
  MLPClassifierParams one = params_;
  one.n_members = 1;
  one.random_state = seed_of_member(i);
  MLPClassifier result(one);
  give_member(i, result);
  result.classes_ = classes_;
  result.multilabel_ = multilabel_;
  return result;
}

std::unique_ptr<PreparedFit> MLPClassifier::prepare(const SampleView& x, const Target& y,
                                                    const FitOptions& options) {
  validate();
  check_device();
  check_samples(name(), x);
  check_same_length(x, y);
  check_classification_target(y);
  const bool multilabel = y.type() == TargetType::multilabel;
  const auto classes =
      multilabel ? numbered_classes(y.n_outputs()) : y.with_occurring_labels().shared_classes();
  if (is_fitted() && params_.warm_start && *classes != *classes_) {
    throw std::invalid_argument(
        fmt::format("warm_start can only be used where `y` has the same classes as in the previous "
                    "call to fit. Previously got {}, `y` has {}",
                    listed_classes(*classes_), listed_classes(*classes)));
  }
  if (params_.n_init > 1 && !(is_fitted() && params_.warm_start)) {
    keep_best_start(*this, params_, x, y, options);
    return nullptr;
  }
  if (params_.n_members > 1) {
    fit_members(x, y, options);
    return nullptr;
  }
  return prepare_in(FitMode::fit, x, y, classes, options);
}

MLPClassifier& MLPClassifier::fit(const SampleView& x, const Target& y, const FitOptions& options) {
  if (const auto fit = prepare(x, y, options)) train_alone(*fit, options.control);
  return *this;
}

MLPClassifier& MLPClassifier::partial_fit(const SampleView& x, const Target& y,
                                          const std::optional<Target>& classes,
                                          const FitOptions& options) {
  if (!has_epochs(params_.solver)) {
    throw std::invalid_argument(fmt::format(
        "partial_fit is only available for stochastic optimizers. {} is not stochastic.",
        std::string(params_.solver)));
  }
  validate();
  check_one_member(name(), params_.n_members);
  check_n_epochs(options.n_epochs, params_.solver, true);
  check_device();
  if (params_.early_stopping) {
    throw std::invalid_argument("partial_fit does not support early_stopping=True");
  }
  if (params_.class_weight == "balanced") {
    throw std::invalid_argument(
        "class_weight 'balanced' is not supported for partial_fit, which sees a part of the "
        "samples: pass weights by label.");
  }
  check_samples(name(), x);
  check_same_length(x, y);
  check_classification_target(y);
  const bool multilabel = y.type() == TargetType::multilabel;
  if (classes && !multilabel) check_classification_target(*classes);
  auto all = classes_;
  if (!is_fitted()) {
    if (!multilabel && !classes) {
      throw std::invalid_argument("classes must be passed on the first call to partial_fit.");
    }
    all = multilabel ? numbered_classes(y.n_outputs()) : classes->shared_classes();
  } else if (multilabel != multilabel_) {
    throw std::invalid_argument(
        fmt::format("`y` has {} a sample, unlike in the last call to fit or partial_fit.",
                    multilabel ? "several labels" : "one label"));
  } else if (classes && !multilabel && classes->classes() != *classes_) {
    throw std::invalid_argument(
        fmt::format("`classes={}` is not the same as on last call to partial_fit, was: {}",
                    listed_classes(classes->classes()), listed_classes(*classes_)));
  }
  if (!multilabel) check_known(y, *all);
  train_alone(*prepare_in(FitMode::partial_fit, x, y, all, options), options.control);
  return *this;
}

MLPClassifier& MLPClassifier::start_from(std::size_t n_features, const Target& classes,
                                         std::span<const double> parameters) {
  validate();
  check_classification_target(classes);
  const auto& all = classes.shared_classes();
  const std::size_t n = n_classes(*all);
  start_network(settings_of(params_), n_features, n > 2 ? n : 1,
                classification_loss(params_, n > 2), parameters);
  classes_ = all;
  multilabel_ = false;
  temperature_ = 1.0;
  return *this;
}

Target MLPClassifier::predict(const SampleView& x) const {
  return labels_of(checked_outputs(x, params_.device, params_.n_threads), classes_, multilabel_,
                   threshold_of(fitted().spec().loss().link));
}

Matrix<double> MLPClassifier::logits(const SampleView& x) const {
  return checked_outputs(x, params_.device, params_.n_threads, false);
}

Matrix<double> MLPClassifier::decision_function(const SampleView& x) const {
  if (!gives_scores(fitted().spec().loss())) {
    throw std::invalid_argument(
        "MLPClassifier has a decision_function with a hinge loss alone; logits() has what its "
        "probabilities are made of.");
  }
  return logits(x);
}

Matrix<double> MLPClassifier::probabilities(const SampleView& x) const {
  if (gives_scores(fitted().spec().loss())) {
    throw std::invalid_argument(
        fmt::format("MLPClassifier gives no probabilities with loss='{}'; decision_function() has "
                    "its scores.",
                    std::string(params_.loss)));
  }
  if (temperature_ == 1.0) return checked_outputs(x, params_.device, params_.n_threads);
  Matrix<double> z = logits(x);
  link_at(temperature_, fitted().spec().loss().link, z);
  return z;
}

MLPClassifier& MLPClassifier::calibrate(const SampleView& x, const Target& y,
                                        std::span<const double> sample_weight) {
  check_same_length(x, y);
  check_classification_target(y);
  check_weights(sample_weight, x.n_samples());
  if (gives_scores(fitted().spec().loss())) {
    throw std::invalid_argument(fmt::format(
        "calibrate is for losses that give probabilities. Got a network trained with loss='{}'.",
        std::string(params_.loss)));
  }
  if (multilabel_ != (y.type() == TargetType::multilabel)) {
    throw std::invalid_argument(
        "`y` has another kind of labels than the network was trained with.");
  }
  if (!multilabel_) check_known(y, *classes_);
  const TrainingTask task = classification_task(params_, y, *classes_, sample_weight);
  temperature_ = best_temperature(logits(x), task.targets);
  return *this;
}

void MLPClassifier::set_temperature(double temperature) {
  if (!(temperature > 0.0) || !std::isfinite(temperature)) {
    throw std::invalid_argument(
        fmt::format("The temperature must be a number above 0. Got {} instead.", temperature));
  }
  temperature_ = temperature;
}

Matrix<double> MLPClassifier::predict_proba(const SampleView& x) const {
  return probabilities_of(probabilities(x), multilabel_);
}

Matrix<double> MLPClassifier::predict_log_proba(const SampleView& x) const {
  Matrix<double> proba = predict_proba(x);
  for (std::size_t i = 0; i < proba.rows(); ++i) {
    for (double& p : proba.row(i)) p = std::log(p);
  }
  return proba;
}

Matrix<double> MLPClassifier::input_gradient(const SampleView& x, const Target& y) const {
  check_to_predict(x);
  check_same_length(x, y);
  check_classification_target(y);
  if (multilabel_ != (y.type() == TargetType::multilabel)) {
    throw std::invalid_argument("`y` is not of the kind that was learnt.");
  }
  if (multilabel_) {
    if (y.n_outputs() != n_outputs()) {
      throw std::invalid_argument(
          fmt::format("`y` has {} labels, {} were learnt.", y.n_outputs(), n_outputs()));
    }
  } else {
    learnt_codes(y, *classes_);
  }
  return input_gradient_of(x, classification_task(params_, y, *classes_, {}).targets);
}

Matrix<double> MLPClassifier::integrated_gradients(const SampleView& x,
                                                   const std::optional<Target>& labels,
                                                   std::span<const double> baseline,
                                                   int n_steps) const {
  check_to_predict(x);
  if (multilabel_) {
    throw std::invalid_argument("integrated_gradients are not of several labels at once.");
  }
  if (labels) check_same_length(x, *labels);
  const auto codes = labels ? learnt_codes(*labels, *classes_) : predict(x).codes();
  if (n_outputs() > 1) return integrated_gradients_of(x, codes, baseline, n_steps);
  const std::vector<std::int32_t> first(codes.size(), 0);
  Matrix<double> added = integrated_gradients_of(x, first, baseline, n_steps);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] == 1) continue;
    for (double& v : added.row(i)) v = -v;
  }
  return added;
}

double MLPClassifier::score(const SampleView& x, const Target& y,
                            std::span<const double> sample_weight) const {
  check_same_length(x, y);
  return accuracy_score(y, predict(x), sample_weight);
}

const Classes& MLPClassifier::classes() const {
  fitted();
  return *classes_;
}

void MLPClassifier::write(ModelArchive& archive) const {
  write_network(archive);
  archive.write_params(parameters());
  write_initial_weights(archive, params_.initial);
  archive.write_flag("multilabel", multilabel_);
  if (temperature_ != 1.0) archive.write_number("temperature", temperature_);
  archive.write_classes("classes", *classes_);
}

void MLPClassifier::read(ModelArchive& archive) {
  for (const auto& [name, value] : archive.params()) set(name, value);
  params_.initial = read_initial_weights(archive);
  read_network(archive);
  multilabel_ = archive.flag("multilabel");
  classes_ = std::make_shared<const Classes>(archive.classes("classes"));
  const std::size_t n = n_classes(*classes_);
  const bool one_output = !multilabel_ && n <= 2;
  const Loss& loss = fitted().spec().loss();
  const auto expected = !multilabel_ && n > 2 ? TargetKind::code : TargetKind::labels;
  if (n_outputs() != (one_output ? 1 : n) || loss.targets != expected) {
    archive.fail("the classes do not fit the network's outputs");
  }
  temperature_ = 1.0;
  if (!archive.has_tensor("temperature")) return;
  const double temperature = archive.number("temperature");
  if (!(temperature > 0.0) || !std::isfinite(temperature)) archive.fail("the temperature");
  temperature_ = temperature;
}

}  // namespace skarma
