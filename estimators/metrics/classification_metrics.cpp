// The metrics that judge labels; those of probabilities are in probability_metrics.cpp.
#include <skarma/estimators/metrics/classification_metrics.hpp>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/estimators/metrics/internal/metric_checks.hpp>
#include <skarma/estimators/metrics/internal/weighted.hpp>

namespace skarma {
namespace {

/// Weighted counts of one label: hits, predicted, true.
struct Counts {
  double hits = 0.0;
  double predicted = 0.0;
  double truth = 0.0;

  void add(bool is_true, bool is_predicted, double weight) {
    if (is_true && is_predicted) hits += weight;
    if (is_predicted) predicted += weight;
    if (is_true) truth += weight;
  }
  PrecisionRecall figures() const {
    return {ratio(hits, predicted), ratio(hits, truth), ratio(2.0 * hits, predicted + truth),
            predicted != 0.0,       truth != 0.0,       predicted + truth != 0.0};
  }
};

/// Truth and prediction as codes of the labels that occur in either.
struct CommonCodes {
  std::vector<std::int32_t> truth;
  std::vector<std::int32_t> predicted;
  std::size_t n_labels;

  CommonCodes(const Target& y, const Target& p) {
    truth = y.codes();
    predicted = codes_among(p, y.classes());
    std::vector<std::int32_t> extra(n_classes(p.classes()), -1);
    n_labels = n_classes(y.classes());
    for (std::size_t i = 0; i < predicted.size(); ++i) {
      if (predicted[i] >= 0) continue;
      auto& code = extra[static_cast<std::size_t>(p.codes()[i])];
      if (code < 0) code = static_cast<std::int32_t>(n_labels++);
      predicted[i] = code;
    }
  }
};

std::vector<Counts> count_labels(const Target& truth, const Target& predicted,
                                 std::span<const double> weights) {
  const CommonCodes codes(truth, predicted);
  std::vector<Counts> counts(codes.n_labels);
  std::vector<bool> occurs(codes.n_labels);
  for (std::size_t i = 0; i < codes.truth.size(); ++i) {
    const double w = weight_at(weights, i);
    auto& of_truth = counts[static_cast<std::size_t>(codes.truth[i])];
    auto& of_prediction = counts[static_cast<std::size_t>(codes.predicted[i])];
    of_truth.truth += w;
    of_prediction.predicted += w;
    if (codes.truth[i] == codes.predicted[i]) of_truth.hits += w;
    for (const auto* each : {&codes.truth, &codes.predicted}) {
      occurs[static_cast<std::size_t>((*each)[i])] = true;
    }
  }
  // Labels that occur in neither (a fold may miss some) are no labels here.
  std::vector<Counts> of_occurring;
  for (std::size_t label = 0; label < counts.size(); ++label) {
    if (occurs[label]) of_occurring.push_back(counts[label]);
  }
  return of_occurring;
}

std::vector<Counts> count_columns(const Matrix<double>& truth, const Matrix<double>& predicted,
                                  std::span<const double> weights) {
  std::vector<Counts> counts(truth.cols());
  for (std::size_t i = 0; i < truth.rows(); ++i) {
    for (std::size_t j = 0; j < truth.cols(); ++j) {
      counts[j].add(truth(i, j) != 0.0, predicted(i, j) != 0.0, weight_at(weights, i));
    }
  }
  return counts;
}

/// The weighted mean of each figure over labels or samples; 0 if all weights are 0.
PrecisionRecall mean_figures(const std::vector<Counts>& counts,
                             const std::function<double(std::size_t)>& weight) {
  PrecisionRecall sum{0.0, 0.0, 0.0};
  double total = 0.0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const PrecisionRecall one = counts[i].figures();
    const double w = weight(i);
    total += w;
    sum.precision += w * one.precision;
    sum.recall += w * one.recall;
    sum.f1 += w * one.f1;
    sum.precision_is_defined &= one.precision_is_defined;
    sum.recall_is_defined &= one.recall_is_defined;
    sum.f1_is_defined &= one.f1_is_defined;
  }
  sum.precision = ratio(sum.precision, total);
  sum.recall = ratio(sum.recall, total);
  sum.f1 = ratio(sum.f1, total);
  return sum;
}

PrecisionRecall over_samples(const Matrix<double>& truth, const Matrix<double>& predicted,
                             std::span<const double> weights) {
  std::vector<Counts> counts(truth.rows());
  for (std::size_t i = 0; i < truth.rows(); ++i) {
    for (std::size_t j = 0; j < truth.cols(); ++j) {
      counts[i].add(truth(i, j) != 0.0, predicted(i, j) != 0.0, 1.0);
    }
  }
  return mean_figures(counts, [&](std::size_t i) { return weight_at(weights, i); });
}

/// The labels of both, as Python prints them.
std::vector<std::string> label_texts(const Target& truth, const Target& predicted) {
  std::vector<std::string> texts;
  for (const Target* y : {&truth, &predicted}) {
    for (std::size_t c = 0; c < n_classes(y->classes()); ++c) {
      const std::string text = label_text(y->classes(), c);
      if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
    }
  }
  return texts;
}

/// Both have no labels but those that occur in them.
PrecisionRecall of_label_one(const Target& truth, const Target& predicted,
                             std::span<const double> weights) {
  const Target one(std::vector<int>{1});
  const std::int32_t in_truth = codes_among(one, truth.classes())[0];
  const std::int32_t in_prediction = codes_among(one, predicted.classes())[0];
  const std::size_t n_labels = CommonCodes(truth, predicted).n_labels;
  if (n_labels > 2) {
    throw std::invalid_argument(
        "Target is multiclass but average='binary'. Please choose another average setting, one of "
        "'micro', 'macro', 'weighted'.");
  }
  if (in_truth < 0 && in_prediction < 0 && n_labels == 2) {
    throw std::invalid_argument(
        fmt::format("pos_label=1 is not a valid label: It should be one of [{}]",
                    fmt::join(label_texts(truth, predicted), ", ")));
  }
  Counts counts;
  for (std::size_t i = 0; i < truth.n_samples(); ++i) {
    counts.add(truth.codes()[i] == in_truth, predicted.codes()[i] == in_prediction,
               weight_at(weights, i));
  }
  return counts.figures();
}

}  // namespace

PrecisionRecall precision_recall(const Target& truth, const Target& predicted, Average average,
                                 std::span<const double> sample_weight) {
  check_labels(truth, predicted, sample_weight);
  const bool labels = truth.has_labels();
  if (average == Average::samples) {
    if (labels) {
      throw std::invalid_argument(
          "Samplewise metrics are not available outside of multilabel classification.");
    }
    return over_samples(truth.values(), predicted.values(), sample_weight);
  }
  if (average == Average::binary) {
    if (!labels) {
      throw std::invalid_argument(
          "Target is multilabel-indicator but average='binary'. Please choose another average "
          "setting, one of 'micro', 'macro', 'weighted', 'samples'.");
    }
    return of_label_one(truth.with_occurring_labels(), predicted.with_occurring_labels(),
                        sample_weight);
  }
  const auto counts = labels ? count_labels(truth, predicted, sample_weight)
                             : count_columns(truth.values(), predicted.values(), sample_weight);
  if (average == Average::micro) {
    Counts all;
    for (const Counts& c : counts) {
      all.hits += c.hits;
      all.predicted += c.predicted;
      all.truth += c.truth;
    }
    return all.figures();
  }
  return mean_figures(
      counts, [&](std::size_t i) { return average == Average::weighted ? counts[i].truth : 1.0; });
}

double balanced_accuracy_score(const Target& truth, const Target& predicted,
                               std::span<const double> sample_weight) {
  check_labels(truth, predicted, sample_weight);
  if (!truth.has_labels()) throw std::invalid_argument("multilabel-indicator is not supported");
  double sum = 0.0;
  double n_present = 0.0;
  for (const Counts& c : count_labels(truth, predicted, sample_weight)) {
    if (c.truth == 0.0) continue;
    sum += c.hits / c.truth;
    n_present += 1.0;
  }
  return sum / n_present;
}

}  // namespace skarma
