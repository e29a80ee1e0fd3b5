#include <skarma/estimators/nn/estimators.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/nearest_name.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/internal/prepared_fit.hpp>
#include <skarma/estimators/metrics/metrics.hpp>
#include <skarma/estimators/mlp/internal/classification_task.hpp>
#include <skarma/estimators/nn/internal/chain.hpp>
#include <skarma/estimators/nn/internal/targets_of.hpp>

namespace skarma::nn {
namespace {

[[noreturn]] void refuse(std::string_view name, std::string_view wanted, const ParamValue& value) {
  throw std::invalid_argument(
      fmt::format("The parameter '{}' must be {}. Got {} instead.", name, wanted, to_text(value)));
}

std::int64_t count_of(std::string_view name, const ParamValue& value) {
  const auto* const n = std::get_if<std::int64_t>(&value);
  if (n == nullptr) refuse(name, "a whole number", value);
  return *n;
}

void check_count(std::string_view name, std::int64_t value) {
  if (value >= 1 && value <= std::numeric_limits<int>::max()) return;
  refuse(name, "a whole number from 1 on", value);
}

constexpr std::string_view kOfFit[] = {"epochs", "batch_size", "device"};

/// What a classification's network is compared with, and where it lies.
struct ClassTargets {
  ClassTargets(const Sequential& model, std::vector<std::int32_t> given, std::size_t n_classes)
      : codes(std::move(given)) {
    if (model.wants_class_numbers()) return;
    const bool one_hot = wants_one_hot(model.loss());
    rows = Matrix<double>(codes.size(), one_hot ? n_classes : 1);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const auto code = static_cast<std::size_t>(codes[i]);
      one_hot ? (*rows)(i, code) = 1.0 : (*rows)(i, 0) = static_cast<double>(code);
    }
  }
  TargetView view() const {
    if (rows) return rows->view();
    return std::span(codes);
  }

  std::vector<std::int32_t> codes;
  std::optional<Matrix<double>> rows;
};

void check_outputs(const Sequential& model, std::size_t n_classes) {
  const std::size_t n_outputs = model.n_outputs();
  if (n_outputs != n_classes && !(n_outputs == 1 && n_classes == 2)) {
    throw std::invalid_argument(
        fmt::format("There are {} classes and {} outputs.", n_classes, n_outputs));
  }
  if (n_outputs > 1 && !model.wants_class_numbers() && !wants_one_hot(model.loss())) {
    throw std::invalid_argument(
        fmt::format("The loss '{}' of several outputs is none of classes.", model.loss()));
  }
}

}  // namespace

const ParamValue& BuildParameters::value(std::string_view name) const {
  for (const auto& [own, value] : all_) {
    if (own == name) return value;
  }
  throw std::invalid_argument(fmt::format("The network has no parameter '{}'.", name));
}

int BuildParameters::whole(std::string_view name) const {
  const std::int64_t n = count_of(name, value(name));
  if (n != static_cast<int>(n)) refuse(name, "a smaller number", value(name));
  return static_cast<int>(n);
}

double BuildParameters::real(std::string_view name) const {
  const ParamValue& given = value(name);
  if (const auto* const whole = std::get_if<std::int64_t>(&given)) {
    return static_cast<double>(*whole);
  }
  if (const auto* const real = std::get_if<double>(&given)) return *real;
  refuse(name, "a number", given);
}

bool BuildParameters::flag(std::string_view name) const {
  if (const auto* const flag = std::get_if<bool>(&value(name))) return *flag;
  refuse(name, "True or False", value(name));
}

const std::string& BuildParameters::text(std::string_view name) const {
  if (const auto* const text = std::get_if<std::string>(&value(name))) return *text;
  refuse(name, "a text", value(name));
}

BuiltEstimator::BuiltEstimator(BuildFunction build, ParamSet parameters)
    : build_(std::move(build)), build_parameters_(std::move(parameters)) {
  if (!build_) throw std::invalid_argument("There is no function that builds the network.");
  for (const auto& [name, value] : build_parameters_) {
    if (std::ranges::find(kOfFit, name) == std::end(kOfFit)) continue;
    throw std::invalid_argument(
        fmt::format("The network must not have a parameter '{}': that is of the fit.", name));
  }
}

BuiltEstimator& BuiltEstimator::set(std::string_view parameter, const ParamValue& value) {
  if (parameter == "epochs") {
    epochs_ = count_of(parameter, value);
  } else if (parameter == "batch_size") {
    batch_size_ = count_of(parameter, value);
  } else if (parameter == "device") {
    const auto* const name = std::get_if<std::string>(&value);
    if (name == nullptr) refuse(parameter, "a text", value);
    device_ = *name;
  } else {
    const auto own =
        std::ranges::find(build_parameters_, parameter, [](const auto& p) { return p.first; });
    if (own == build_parameters_.end()) {
      std::vector<std::string_view> known(std::begin(kOfFit), std::end(kOfFit));
      for (const auto& [name, _] : build_parameters_) known.push_back(name);
      throw std::invalid_argument(fmt::format("Invalid parameter '{}' for estimator {}.{}",
                                              parameter, name(), did_you_mean(parameter, known)));
    }
    own->second = value;
  }
  return *this;
}

ParamSet BuiltEstimator::parameters() const {
  ParamSet all{{"epochs", epochs_}, {"batch_size", batch_size_}, {"device", device_}};
  all.insert(all.end(), build_parameters_.begin(), build_parameters_.end());
  return all;
}

void BuiltEstimator::validate() const {
  check_count("epochs", epochs_);
  check_count("batch_size", batch_size_);
}

void BuiltEstimator::check_device() const { require_device(device_); }

const Sequential& BuiltEstimator::model() const {
  if (!model_) throw not_fitted(name());
  return *model_;
}

HistoryTable BuiltEstimator::history() const { return model().history(); }
bool BuiltEstimator::predicts_float32() const { return model_ && model_->is_float32(); }

void BuiltEstimator::write(ModelArchive&) const { refuse_files(); }
void BuiltEstimator::read(ModelArchive&) { refuse_files(); }
void BuiltEstimator::refuse_files() const {
  throw std::invalid_argument(fmt::format(
      "The function that builds the network of a {} is in no file: save its model().", name()));
}

void BuiltEstimator::forget() {
  model_ = nullptr;
  predictions_ = {};
}

std::shared_ptr<Sequential> BuiltEstimator::built(const SampleView& x) const {
  validate();
  check_samples(name(), x);
  auto model = std::make_shared<Sequential>(build_(BuildParameters(build_parameters_)));
  if (!model->is_compiled()) {
    throw std::invalid_argument("The function that builds the network must compile it, too.");
  }
  if (!model->is_built()) model->build({x.n_features()});
  model->set_device(device_);
  return model;
}

std::unique_ptr<PreparedFit> BuiltEstimator::begin(const std::shared_ptr<Sequential>& model,
                                                   const SampleView& x, const TargetView& y,
                                                   const std::optional<ValidationSamples>& held,
                                                   const FitOptions& options,
                                                   std::function<void()> learnt) {
  if (options.holdout) {
    throw std::invalid_argument(fmt::format("A {} holds no samples out.", name()));
  }
  FitSettings settings{.batch_size = static_cast<int>(batch_size_),
                       .epochs = static_cast<int>(epochs_),
                       .validation = held,
                       .control = options.control};
  settings.sample_weight.assign(options.sample_weight.begin(), options.sample_weight.end());
  auto fit = model->prepare(x, y, settings);
  fit->finish = [this, model, finish = std::move(fit->finish),
                 learnt = std::move(learnt)](PreparedFit& done) {
    finish(done);
    model_ = model;
    learnt();
  };
  return fit;
}

Matrix<double> BuiltEstimator::outputs(const SampleView& x) const {
  check_not_empty(name(), x);
  return model().predict(x, predictions_);
}

std::unique_ptr<Estimator> Classifier::clone() const {
  auto copy = std::make_unique<Classifier>(*this);
  copy->forget();
  copy->classes_ = nullptr;
  return copy;
}

std::unique_ptr<PreparedFit> Classifier::prepare(const SampleView& x, const Target& y,
                                                 const FitOptions& options) {
  const auto model = built(x);
  check_same_length(x, y);
  check_classification_target(y);
  if (y.type() == TargetType::multilabel) {
    throw std::invalid_argument("A sample has one label. Got several at once.");
  }
  const Target occurring = y.with_occurring_labels();
  const auto& classes = occurring.shared_classes();
  const std::size_t n = n_classes(*classes);
  check_outputs(*model, n);
  const ClassTargets targets(*model, occurring.codes(), n);
  if (!options.validation) {
    return BuiltEstimator::begin(model, x, targets.view(), {}, options,
                                 [this, classes] { classes_ = classes; });
  }
  check_validation(name(), *options.validation, x.n_features());
  const ClassTargets held(*model, codes_among(options.validation->y, *classes), n);
  return BuiltEstimator::begin(model, x, targets.view(),
                               ValidationSamples{options.validation->x, held.view()}, options,
                               [this, classes] { classes_ = classes; });
}

Classifier& Classifier::fit(const SampleView& x, const Target& y, const FitOptions& options) {
  train_alone(*prepare(x, y, options), options.control);
  return *this;
}

Target Classifier::predict(const SampleView& x) const {
  const double threshold = model().loss().find("hinge") != std::string::npos ? 0.0 : 0.5;
  return labels_of(outputs(x), classes_, false, threshold);
}

Matrix<double> Classifier::predict_proba(const SampleView& x) const {
  const std::string_view link = chain_of(model().layers()).link;
  if (link != "softmax" && link != "logistic") {
    throw std::invalid_argument(
        "The network does not end in probabilities: its last activation is neither 'softmax' nor "
        "'sigmoid'.");
  }
  return probabilities_of(outputs(x), false);
}

double Classifier::score(const SampleView& x, const Target& y,
                         std::span<const double> sample_weight) const {
  check_same_length(x, y);
  return accuracy_score(y, predict(x), sample_weight);
}

std::unique_ptr<Estimator> Regressor::clone() const {
  auto copy = std::make_unique<Regressor>(*this);
  copy->forget();
  return copy;
}

std::unique_ptr<PreparedFit> Regressor::prepare(const SampleView& x, const Target& y,
                                                const FitOptions& options) {
  const auto model = built(x);
  check_same_length(x, y);
  std::optional<ValidationSamples> held;
  if (options.validation) {
    check_validation(name(), *options.validation, x.n_features());
    held = ValidationSamples{options.validation->x, options.validation->y.values().view()};
  }
  return BuiltEstimator::begin(model, x, y.values().view(), held, options, [] {});
}

Regressor& Regressor::fit(const SampleView& x, const Target& y, const FitOptions& options) {
  train_alone(*prepare(x, y, options), options.control);
  return *this;
}

Target Regressor::predict(const SampleView& x) const { return Target::numbers(outputs(x)); }

double Regressor::score(const SampleView& x, const Target& y,
                        std::span<const double> sample_weight) const {
  check_same_length(x, y);
  const Matrix<double> predicted = outputs(x);
  return r2_score(y.values().view(), predicted.view(), sample_weight);
}

}  // namespace skarma::nn
