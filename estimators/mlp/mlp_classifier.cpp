#include <skarma/estimators/mlp/mlp_classifier.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/io/internal/model_archive.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/metrics/metrics.hpp>
#include <skarma/estimators/mlp/internal/calibration.hpp>
#include <skarma/estimators/mlp/internal/class_weight.hpp>
#include <skarma/estimators/mlp/internal/keep_best_start.hpp>
#include <skarma/estimators/mlp/internal/mlp_parameter_table.hpp>
#include <skarma/estimators/mlp/internal/output_scorer.hpp>
#include <skarma/estimators/mlp/internal/trained_network.hpp>

namespace skarma {
namespace {

std::string listed(const Classes& classes) {
  std::string text;
  for (std::size_t i = 0; i < n_classes(classes); ++i) {
    text += (text.empty() ? "" : " ") + label_text(classes, i);
  }
  return "[" + text + "]";
}

std::shared_ptr<const Classes> numbered(std::size_t n) {
  std::vector<std::int64_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0);
  return std::make_shared<const Classes>(std::move(numbers));
}

void check_classification_target(const Target& y) {
  if (y.has_labels()) return;
  if (y.type() == TargetType::multilabel) {
    check_finite_target(y);
    return;
  }
  if (y.n_outputs() > 1) {
    check_finite_target(y);
    throw std::invalid_argument("Multioutput target data is not supported with label binarization");
  }
  check_finite_target(y);
  throw std::invalid_argument(
      "Unknown label type: continuous. Maybe you are trying to fit a classifier, which expects "
      "discrete classes on a regression target with continuous values.");
}

/// Where an output of its own says that a label holds: probabilities from 1/2, scores from 0 on.
double threshold_of(const Link& link) { return link.elementwise == kIdentity ? 0.0 : 0.5; }

/// Whether outputs are scores, not probabilities.
bool gives_scores(const Loss& loss) { return loss.link.name == kPlainRows.name; }

/// The share of samples whose outputs decode to exactly the held-out targets.
double held_out_accuracy(const Matrix<double>& outputs, const Targets<double>& truth,
                         double threshold) {
  double hits = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < outputs.rows(); ++i) {
    const auto row = outputs.row(i);
    bool hit;
    if (!truth.codes.empty()) {
      hit = std::max_element(row.begin(), row.end()) - row.begin() == truth.codes[i];
    } else {
      const double* y = truth.values.data() + i * row.size();
      hit = std::equal(row.begin(), row.end(), y,
                       [=](double p, double label) { return (p > threshold) == (label != 0.0); });
    }
    const double weight = truth.weights.empty() ? 1.0 : truth.weights[i];
    hits += hit ? weight : 0.0;
    total += weight;
  }
  check_not_all_zero(truth.weights);
  if (total == 0.0) throw std::domain_error("Weights sum to zero, can't be normalized");
  return hits / total;
}

/// The row of the loss that users name so, with its numbers.
LossChoice loss_of(const MLPClassifierParams& params, bool has_several_classes) {
  LossChoice choice = parse_loss(params.loss);
  if (params.label_smoothing > 0.0) {
    choice = {*find_loss("smoothed_log_loss"), {params.label_smoothing}};
  }
  const std::string_view name = choice.row->name;
  const bool is_squared = name == "squared_error";
  if (!has_several_classes) return {binary_loss(name), choice.numbers};
  return is_squared ? *find_loss("class_squared_error") : choice;
}

/// The encoded targets, and how early stopping splits and scores them: stratified only with one
/// output, as scikit-learn does.
TrainingTask task_of(const MLPClassifierParams& params, const Target& y, const Classes& classes,
                     std::span<const double> sample_weight) {
  TrainingTask task;
  task.targets.weights.assign(sample_weight.begin(), sample_weight.end());
  const bool has_codes = y.type() != TargetType::multilabel && n_classes(classes) > 2;
  task.loss = loss_of(params, has_codes);
  task.score = [threshold = threshold_of(task.loss.row->link)](const Matrix<double>& outputs,
                                                               const Targets<double>& held_out) {
    return held_out_accuracy(outputs, held_out, threshold);
  };
  const std::size_t n = y.n_samples();
  task.split = [n](PartSizes sizes, RandomState& random_state) {
    return shuffle_split(n, sizes, random_state);
  };
  if (y.type() == TargetType::multilabel) {
    task.targets.n_outputs = y.n_outputs();
    for (const double v : y.values().values()) task.targets.values.push_back(v != 0.0 ? 1.0 : 0.0);
    return task;
  }
  auto codes = codes_among(y, classes);
  if (has_codes) {
    task.targets.n_outputs = n_classes(classes);
    task.targets.codes = std::move(codes);
    return task;
  }
  for (const std::int32_t code : codes) task.targets.values.push_back(code == 1 ? 1.0 : 0.0);
  // scikit-learn splits the binarised labels, and names them so when a class is too small.
  Classes sides = std::vector<std::string>{"False", "True"};
  if (n_classes(classes) == 1) {
    sides = std::vector<std::string>{"False"};
    // The only class is predicted, whatever its probability.
    task.score = [](const Matrix<double>&, const Targets<double>&) { return 1.0; };
  }
  task.split = [codes = std::move(codes), sides](PartSizes sizes, RandomState& random_state) {
    return stratified_shuffle_split(codes, sides, sizes, random_state);
  };
  return task;
}

void check_known(const Target& y, const Classes& classes) {
  const auto codes = codes_among(y, classes);
  if (std::find(codes.begin(), codes.end(), -1) == codes.end()) return;
  throw std::invalid_argument(
      fmt::format("`y` has classes not in `self.classes_`. `self.classes_` has {}. 'y' has {}.",
                  listed(classes), listed(*y.with_occurring_labels().shared_classes())));
}

/// For each row the most probable class of `classes`; several labels at once are those above the
/// threshold.
Target labels_of(const Matrix<double>& outputs, const std::shared_ptr<const Classes>& classes,
                 bool multilabel, double threshold) {
  const std::size_t n = outputs.rows();
  if (multilabel) {
    Matrix<double> labels = outputs;
    for (std::size_t i = 0; i < n; ++i) {
      for (double& p : labels.row(i)) p = p > threshold ? 1.0 : 0.0;
    }
    return Target::multilabel(std::move(labels));
  }
  std::vector<std::int32_t> codes(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = outputs.row(i);
    if (row.size() > 1) {
      codes[i] = static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
    } else {
      codes[i] = row[0] > threshold && n_classes(*classes) > 1 ? 1 : 0;
    }
  }
  return Target(classes, std::move(codes));
}

/// A column for each class, also where the network has one output.
Matrix<double> probabilities_of(Matrix<double> outputs, bool multilabel) {
  if (multilabel || outputs.cols() > 1) return outputs;
  Matrix<double> both(outputs.rows(), 2);
  for (std::size_t i = 0; i < outputs.rows(); ++i) {
    both(i, 0) = 1.0 - outputs(i, 0);
    both(i, 1) = outputs(i, 0);
  }
  return both;
}

/// The labels that targets of the loss stand for.
Target truth_of(const Targets<double>& targets, const std::shared_ptr<const Classes>& classes,
                bool multilabel) {
  if (multilabel) {
    return Target::multilabel({targets.n_samples(), targets.n_outputs, targets.values});
  }
  std::vector<std::int32_t> codes = targets.codes;
  for (const double v : targets.values) codes.push_back(v == 0.0 ? 0 : 1);
  return Target(classes, std::move(codes)).with_occurring_labels();
}

/// The targets of samples for validation, of classes that the fit knows.
Targets<double> validation_targets(const ValidationData& validation, const Classes& classes,
                                   bool multilabel, const MLPClassifierParams& params) {
  const Target& y = validation.y;
  check_classification_target(y);
  const bool fits = multilabel
                        ? y.type() == TargetType::multilabel && y.n_outputs() == n_classes(classes)
                        : y.has_labels();
  if (!fits) throw std::invalid_argument("`y_val` is not of the kind that `y` is of.");
  if (!multilabel) {
    const auto codes = codes_among(y, classes);
    if (std::ranges::find(codes, -1) != codes.end()) {
      throw std::invalid_argument(
          fmt::format("`y_val` has classes that `y` does not have. `y` has {}, `y_val` has {}.",
                      listed(classes), listed(*y.with_occurring_labels().shared_classes())));
    }
  }
  return task_of(params, y, classes, validation.sample_weight).targets;
}

/// Several labels at once are all right or not.
std::optional<Targets<double>> targets_of_labels(ScoreKind kind, const Target& y,
                                                 std::size_t n_labels) {
  const bool fits = y.type() == TargetType::multilabel && y.n_outputs() == n_labels;
  if (kind != kRightRows || !fits) return std::nullopt;
  return Targets<double>{{}, y.values().values(), {}, n_labels};
}

/// The classes that each score tells apart: those that were learnt, or, as the log loss has it,
/// those that occur in `y`, of which there must be as many.
std::optional<std::vector<std::int32_t>> codes_for(ScoreKind kind, const Target& y,
                                                   const Classes& classes) {
  if (kind == kRightRows) return codes_among(y, classes);
  const Target truth = y.with_occurring_labels();
  if (kind != kLogLosses || n_classes(truth.classes()) != n_classes(classes)) return std::nullopt;
  return truth.codes();
}

std::optional<Targets<double>> targets_of_classes(ScoreKind kind, const Target& y,
                                                  const Classes& classes) {
  const std::size_t n = n_classes(classes);
  if (!y.has_labels() || n < 2) return std::nullopt;  // the only class is always predicted
  auto codes = codes_for(kind, y, classes);
  if (!codes) return std::nullopt;
  if (n > 2) return Targets<double>{std::move(*codes), {}, {}, n};
  return Targets<double>{{}, {codes->begin(), codes->end()}, {}, 1};
}

}  // namespace

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
  TrainingTask task = task_of(params_, y, *classes, weights);
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
    return multilabel ? targets_of_labels(kind, other, n_classes(*classes))
                      : targets_of_classes(kind, other, *classes);
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

std::unique_ptr<PreparedFit> MLPClassifier::prepare(const SampleView& x, const Target& y,
                                                    const FitOptions& options) {
  validate();
  check_device();
  check_samples(name(), x);
  check_same_length(x, y);
  check_classification_target(y);
  const bool multilabel = y.type() == TargetType::multilabel;
  const auto classes =
      multilabel ? numbered(y.n_outputs()) : y.with_occurring_labels().shared_classes();
  if (is_fitted() && params_.warm_start && *classes != *classes_) {
    throw std::invalid_argument(
        fmt::format("warm_start can only be used where `y` has the same classes as in the previous "
                    "call to fit. Previously got {}, `y` has {}",
                    listed(*classes_), listed(*classes)));
  }
  if (params_.n_init > 1 && !(is_fitted() && params_.warm_start)) {
    keep_best_start(*this, params_, x, y, options);
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
  if (params_.solver == "lbfgs") {
    throw std::invalid_argument(
        "partial_fit is only available for stochastic optimizers. lbfgs is "
        "not stochastic.");
  }
  validate();
  check_n_epochs(options.n_epochs, false);
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
    all = multilabel ? numbered(y.n_outputs()) : classes->shared_classes();
  } else if (multilabel != multilabel_) {
    throw std::invalid_argument(
        fmt::format("`y` has {} a sample, unlike in the last call to fit or partial_fit.",
                    multilabel ? "several labels" : "one label"));
  } else if (classes && !multilabel && classes->classes() != *classes_) {
    throw std::invalid_argument(
        fmt::format("`classes={}` is not the same as on last call to partial_fit, was: {}",
                    listed(classes->classes()), listed(*classes_)));
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
  start_network(settings_of(params_), n_features, n > 2 ? n : 1, loss_of(params_, n > 2),
                parameters);
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
  const TrainingTask task = task_of(params_, y, *classes_, sample_weight);
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

namespace {

/// Their codes; labels that were not learnt are refused.
std::vector<std::int32_t> learnt_codes(const Target& y, const Classes& classes) {
  auto codes = codes_among(y, classes);
  if (std::ranges::find(codes, -1) == codes.end()) return codes;
  throw std::invalid_argument(
      fmt::format("The labels must be among {}, which were learnt.", listed(classes)));
}

}  // namespace

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
  return input_gradient_of(x, task_of(params_, y, *classes_, {}).targets);
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
  archive.write_flag("multilabel", multilabel_);
  if (temperature_ != 1.0) archive.write_number("temperature", temperature_);
  archive.write_classes("classes", *classes_);
}

void MLPClassifier::read(ModelArchive& archive) {
  for (const auto& [name, value] : archive.params()) set(name, value);
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
