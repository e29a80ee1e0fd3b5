#include <skarma/estimators/metrics/scorer.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/nearest_name.hpp>
#include <skarma/estimators/metrics/classification_metrics.hpp>
#include <skarma/estimators/metrics/metrics.hpp>
#include <skarma/estimators/metrics/regression_metrics.hpp>

namespace skarma {
namespace {

using Weights = std::span<const double>;

Judgement own_score(const Estimator& estimator, const SampleView& x, const Target& y, Weights w) {
  return estimator.score(x, y, w);
}

/// The number of the label 1. Throws std::invalid_argument if it was not learnt.
std::int32_t code_of_label_one(const Classes& learnt) {
  const std::int32_t code = codes_among(Target(std::vector<int>{1}), learnt)[0];
  if (code >= 0) return code;
  std::vector<std::string> labels;
  for (std::size_t c = 0; c < n_classes(learnt); ++c) labels.push_back(label_text(learnt, c));
  throw std::invalid_argument(fmt::format(
      "pos_label=1 is not a valid label: It should be one of [{}]", fmt::join(labels, ", ")));
}

/// What scikit-learn scores by: predict_proba where there are several classes or labels at once. Of
/// a classifier of two labels, or of one, column 1 is the probability of the label number
/// `positive`, the last one by default.
Matrix<double> response(const Estimator& estimator, const SampleView& x,
                        std::optional<std::size_t> positive = {}) {
  Matrix<double> proba = estimator.predict_proba(x);
  const Classes* const labels = estimator.class_labels();
  if (labels == nullptr || n_classes(*labels) > 2) return proba;
  if (positive.value_or(n_classes(*labels) - 1) == 1) return proba;
  for (std::size_t i = 0; i < proba.rows(); ++i) {
    const double p = proba(i, 0);
    proba(i, 1) = estimator.predicts_float32() ? static_cast<double>(static_cast<float>(p)) : p;
    proba(i, 0) = 1.0 - proba(i, 1);
  }
  return proba;
}

/// A figure of the predicted labels.
template <double (*metric)(const Target&, const Target&, Weights)>
Judgement of_labels(const Estimator& estimator, const SampleView& x, const Target& y, Weights w) {
  return metric(y, estimator.predict(x), w);
}

Judgement balanced_accuracy(const Estimator& estimator, const SampleView& x, const Target& y,
                            Weights w) {
  const Target predicted = estimator.predict(x);
  const double score = balanced_accuracy_score(y, predicted, w);
  const Target truth = y.with_occurring_labels();
  const auto codes = codes_among(predicted, truth.classes());
  const bool known = std::ranges::none_of(codes, [](std::int32_t code) { return code < 0; });
  return {score, known && n_classes(truth.classes()) > 1};
}

/// One of the figures, and whether it is 0/0.
struct Figure {
  double PrecisionRecall::*score;
  bool PrecisionRecall::*is_defined;
};
constexpr Figure kPrecision{&PrecisionRecall::precision, &PrecisionRecall::precision_is_defined};
constexpr Figure kRecall{&PrecisionRecall::recall, &PrecisionRecall::recall_is_defined};
constexpr Figure kF1{&PrecisionRecall::f1, &PrecisionRecall::f1_is_defined};

Judgement judgement_of(const PrecisionRecall& figures, const Figure& figure) {
  return {figures.*(figure.score), figures.*(figure.is_defined)};
}

template <const Figure& figure, Average average>
Judgement of_counts(const Estimator& estimator, const SampleView& x, const Target& y, Weights w) {
  return judgement_of(precision_recall(y, estimator.predict(x), average, w), figure);
}

/// A figure of the label 1, which a classifier of two labels must have learnt.
template <const Figure& figure>
Judgement of_label_one(const Estimator& estimator, const SampleView& x, const Target& y,
                       Weights w) {
  const Target predicted = estimator.predict(x);
  const bool one_or_two = predicted.has_labels() && n_classes(predicted.classes()) <= 2;
  if (estimator.is_classifier() && one_or_two) code_of_label_one(predicted.classes());
  return judgement_of(precision_recall(y, predicted, Average::binary, w), figure);
}

/// A figure of the predicted numbers; `sign` is -1 for a loss.
template <double (*metric)(MatrixView<const double>, MatrixView<const double>, Weights), int sign>
Judgement of_numbers(const Estimator& estimator, const SampleView& x, const Target& y, Weights w) {
  return sign * metric(y.values(), estimator.predict(x).values(), w);
}

Judgement neg_log_loss(const Estimator& estimator, const SampleView& x, const Target& y,
                       Weights w) {
  const Matrix<double> proba = response(estimator, x);
  const double epsilon = estimator.predicts_float32()
                             ? double{std::numeric_limits<float>::epsilon()}
                             : std::numeric_limits<double>::epsilon();
  return -log_loss(y, proba, w, epsilon);
}

template <MultiClass multi_class>
Judgement roc_auc(const Estimator& estimator, const SampleView& x, const Target& y, Weights w) {
  return roc_auc_score(y, response(estimator, x), multi_class, w);
}

Judgement average_precision(const Estimator& estimator, const SampleView& x, const Target& y,
                            Weights w) {
  const Classes* const labels = estimator.class_labels();
  if (labels == nullptr || n_classes(*labels) > 2) {
    return average_precision_score(y, response(estimator, x), w);
  }
  const auto one = static_cast<std::size_t>(code_of_label_one(*labels));
  return average_precision_score(y, response(estimator, x, one), w);
}

struct ScorerRow {
  std::string_view name;
  Judgement (*function)(const Estimator&, const SampleView&, const Target&, Weights);
};

constexpr std::array kScorers = {
    ScorerRow{"accuracy", of_labels<accuracy_score>},
    ScorerRow{"average_precision", average_precision},
    ScorerRow{"balanced_accuracy", balanced_accuracy},
    ScorerRow{"f1", of_label_one<kF1>},
    ScorerRow{"f1_macro", of_counts<kF1, Average::macro>},
    ScorerRow{"f1_micro", of_counts<kF1, Average::micro>},
    ScorerRow{"f1_samples", of_counts<kF1, Average::samples>},
    ScorerRow{"f1_weighted", of_counts<kF1, Average::weighted>},
    ScorerRow{"neg_log_loss", neg_log_loss},
    ScorerRow{"neg_mean_absolute_error", of_numbers<mean_absolute_error, -1>},
    ScorerRow{"neg_mean_poisson_deviance", of_numbers<mean_poisson_deviance, -1>},
    ScorerRow{"neg_mean_squared_error", of_numbers<mean_squared_error, -1>},
    ScorerRow{"neg_root_mean_squared_error", of_numbers<root_mean_squared_error, -1>},
    ScorerRow{"precision", of_label_one<kPrecision>},
    ScorerRow{"precision_macro", of_counts<kPrecision, Average::macro>},
    ScorerRow{"precision_micro", of_counts<kPrecision, Average::micro>},
    ScorerRow{"precision_samples", of_counts<kPrecision, Average::samples>},
    ScorerRow{"precision_weighted", of_counts<kPrecision, Average::weighted>},
    ScorerRow{"r2", of_numbers<r2_score, 1>},
    ScorerRow{"recall", of_label_one<kRecall>},
    ScorerRow{"recall_macro", of_counts<kRecall, Average::macro>},
    ScorerRow{"recall_micro", of_counts<kRecall, Average::micro>},
    ScorerRow{"recall_samples", of_counts<kRecall, Average::samples>},
    ScorerRow{"recall_weighted", of_counts<kRecall, Average::weighted>},
    ScorerRow{"roc_auc", roc_auc<MultiClass::raise>},
    ScorerRow{"roc_auc_ovo", roc_auc<MultiClass::ovo>},
    ScorerRow{"roc_auc_ovo_weighted", roc_auc<MultiClass::ovo_weighted>},
    ScorerRow{"roc_auc_ovr", roc_auc<MultiClass::ovr>},
    ScorerRow{"roc_auc_ovr_weighted", roc_auc<MultiClass::ovr_weighted>},
};

auto known(const std::string& name) {
  for (const ScorerRow& row : kScorers) {
    if (row.name == name) return row.function;
  }
  const auto names = scorer_names();
  throw std::invalid_argument(fmt::format("'{}' is not a scoring name.{} There are: {}.", name,
                                          did_you_mean(name, names), fmt::join(names, ", ")));
}

}  // namespace

Scorer::Scorer() : name_("score"), known_name_("score"), function_(own_score) {}

Scorer::Scorer(std::string name)
    : name_(std::move(name)), known_name_(name_), function_(known(name_)) {}

Scorer::Scorer(std::string name, ScoreFunction function)
    : name_(std::move(name)), function_(std::move(function)) {}

std::vector<std::string_view> scorer_names() {
  std::vector<std::string_view> names;
  for (const ScorerRow& row : kScorers) names.push_back(row.name);
  return names;
}

Scoring::Scoring(std::vector<Scorer> scorers)
    : scorers_(std::move(scorers)), is_multimetric_(true) {
  if (scorers_.empty()) throw std::invalid_argument("An empty list of scorers scores nothing.");
  for (std::size_t i = 0; i < scorers_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (scorers_[i].name() != scorers_[j].name()) continue;
      throw std::invalid_argument(
          fmt::format("The scorer '{}' is in the list twice.", scorers_[i].name()));
    }
  }
}

std::string Scoring::key(std::size_t i) const {
  return is_multimetric_ ? scorers_[i].name() : "score";
}

}  // namespace skarma
