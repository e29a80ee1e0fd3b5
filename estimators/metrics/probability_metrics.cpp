// The metrics of classification_metrics.hpp that judge probabilities.
#include <skarma/estimators/metrics/classification_metrics.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/estimators/metrics/internal/metric_checks.hpp>
#include <skarma/estimators/metrics/internal/weighted.hpp>

namespace skarma {
namespace {

/// A curve's points: weighted true and false positives at each distinct threshold, falling.
struct RankedCounts {
  std::vector<double> hits;
  std::vector<double> misses;
};

RankedCounts rank(const std::vector<double>& scores, const std::vector<bool>& positive,
                  std::span<const double> weights) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  RankedCounts counts;
  double hits = 0.0;
  double misses = 0.0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::size_t i = order[k];
    (positive[i] ? hits : misses) += weight_at(weights, i);
    if (k + 1 < order.size() && scores[order[k + 1]] == scores[i]) continue;
    counts.hits.push_back(hits);
    counts.misses.push_back(misses);
  }
  return counts;
}

double binary_auc(const std::vector<double>& scores, const std::vector<bool>& positive,
                  std::span<const double> weights) {
  const RankedCounts counts = rank(scores, positive, weights);
  if (counts.hits.empty() || counts.hits.back() == 0.0 || counts.misses.back() == 0.0) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  double area = 0.0;
  double last_hits = 0.0;
  double last_misses = 0.0;
  for (std::size_t k = 0; k < counts.hits.size(); ++k) {
    area += (counts.misses[k] - last_misses) * (counts.hits[k] + last_hits) / 2.0;
    last_hits = counts.hits[k];
    last_misses = counts.misses[k];
  }
  return area / (counts.hits.back() * counts.misses.back());
}

double binary_average_precision(const std::vector<double>& scores,
                                const std::vector<bool>& positive,
                                std::span<const double> weights) {
  const RankedCounts counts = rank(scores, positive, weights);
  if (counts.hits.empty() || counts.hits.back() == 0.0) return 0.0;
  double sum = 0.0;
  double last_hits = 0.0;
  for (std::size_t k = 0; k < counts.hits.size(); ++k) {
    sum += (counts.hits[k] - last_hits) * ratio(counts.hits[k], counts.hits[k] + counts.misses[k]);
    last_hits = counts.hits[k];
  }
  return sum / counts.hits.back();
}

std::vector<double> column(const Matrix<double>& m, std::size_t j) {
  std::vector<double> values;
  for (std::size_t i = 0; i < m.rows(); ++i) values.push_back(m(i, j));
  return values;
}

/// Which samples have label j, or a 1 in column j.
std::vector<bool> has_label(const Target& truth, std::size_t j) {
  std::vector<bool> positive;
  for (std::size_t i = 0; i < truth.n_samples(); ++i) {
    positive.push_back(truth.has_labels() ? truth.codes()[i] == static_cast<std::int32_t>(j)
                                          : truth.values()(i, j) != 0.0);
  }
  return positive;
}

/// Which samples have the label 1. Throws if there are two others.
std::vector<bool> is_label_one(const Target& truth) {
  const std::int32_t one = codes_among(Target(std::vector<int>{1}), truth.classes())[0];
  if (one < 0 && n_classes(truth.classes()) == 2) {
    throw std::invalid_argument(
        fmt::format("pos_label=1 is not a valid label. It should be one of [{} {}]",
                    label_text(truth.classes(), 0), label_text(truth.classes(), 1)));
  }
  std::vector<bool> positive;
  for (const std::int32_t code : truth.codes()) positive.push_back(code == one);
  return positive;
}

/// Throws unless there is one column for each class of truth.
void check_all_classes(const Target& truth, const Matrix<double>& proba) {
  if (n_classes(truth.classes()) == proba.cols()) return;
  throw std::invalid_argument(fmt::format(
      "Number of classes in y_true ({}) not equal to the number of columns in 'y_score' ({})",
      n_classes(truth.classes()), proba.cols()));
}

using BinaryFigure = double (*)(const std::vector<double>&, const std::vector<bool>&,
                                std::span<const double>);

/// The mean over the columns of each one's figure against the rest, weighted by how often its label
/// occurs if `by_share`.
double one_against_rest(BinaryFigure figure, const Target& truth, const Matrix<double>& proba,
                        bool by_share, std::span<const double> weights) {
  double sum = 0.0;
  double total = 0.0;
  for (std::size_t j = 0; j < proba.cols(); ++j) {
    const auto positive = has_label(truth, j);
    double share = 1.0;
    if (by_share) {
      share = 0.0;
      for (std::size_t i = 0; i < positive.size(); ++i) {
        if (positive[i]) share += weight_at(weights, i);
      }
    }
    if (share == 0.0) continue;
    sum += share * figure(column(proba, j), positive, weights);
    total += share;
  }
  return sum / total;
}

/// The area of class a against class b among their own samples, by the scores of a.
double pair_auc(const Target& truth, const Matrix<double>& proba, std::size_t a, std::size_t b) {
  std::vector<double> scores;
  std::vector<bool> positive;
  for (std::size_t i = 0; i < truth.n_samples(); ++i) {
    const auto code = static_cast<std::size_t>(truth.codes()[i]);
    if (code != a && code != b) continue;
    scores.push_back(proba(i, a));
    positive.push_back(code == a);
  }
  return binary_auc(scores, positive, {});
}

double one_against_one(const Target& truth, const Matrix<double>& proba, bool by_share) {
  double sum = 0.0;
  double total = 0.0;
  const auto& codes = truth.codes();
  const auto occurs = [&](std::size_t c) {
    return static_cast<double>(
        std::count(codes.begin(), codes.end(), static_cast<std::int32_t>(c)));
  };
  for (std::size_t a = 0; a < proba.cols(); ++a) {
    for (std::size_t b = a + 1; b < proba.cols(); ++b) {
      const double share = by_share ? occurs(a) + occurs(b) : 1.0;
      sum += share * (pair_auc(truth, proba, a, b) + pair_auc(truth, proba, b, a)) / 2.0;
      total += share;
    }
  }
  return sum / total;
}

bool is_binary(const Target& truth, const Matrix<double>& proba) {
  return truth.has_labels() && proba.cols() == 2;
}

}  // namespace

double log_loss(const Target& y, const Matrix<double>& proba, std::span<const double> sample_weight,
                double epsilon) {
  check_probabilities(y, proba, sample_weight);
  if (!y.has_labels()) throw std::invalid_argument("The log loss needs one label a sample.");
  const Target truth = y.with_occurring_labels();
  check_all_classes(truth, proba);
  double sum = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < proba.rows(); ++i) {
    const double p = proba(i, static_cast<std::size_t>(truth.codes()[i]));
    const double w = weight_at(sample_weight, i);
    sum -= w * std::log(std::clamp(p, epsilon, 1.0 - epsilon));
    total += w;
  }
  return sum / total;
}

double roc_auc_score(const Target& y, const Matrix<double>& proba, MultiClass multi_class,
                     std::span<const double> sample_weight) {
  check_probabilities(y, proba, sample_weight);
  // The larger of the labels that occur is the positive one, as in scikit-learn.
  const Target truth = y.with_occurring_labels();
  if (is_binary(truth, proba) && n_classes(truth.classes()) <= 2) {
    return binary_auc(column(proba, 1), has_label(truth, 1), sample_weight);
  }
  if (!truth.has_labels()) {
    const bool by_share =
        multi_class == MultiClass::ovr_weighted || multi_class == MultiClass::ovo_weighted;
    return one_against_rest(binary_auc, truth, proba, by_share, sample_weight);
  }
  if (multi_class == MultiClass::raise) {
    throw std::invalid_argument("multi_class must be in ('ovo', 'ovr')");
  }
  check_all_classes(truth, proba);
  if (multi_class == MultiClass::ovr || multi_class == MultiClass::ovr_weighted) {
    return one_against_rest(binary_auc, truth, proba, multi_class == MultiClass::ovr_weighted,
                            sample_weight);
  }
  if (!sample_weight.empty()) {
    throw std::invalid_argument(
        "sample_weight is not supported for multiclass one-vs-one ROC AUC, 'sample_weight' must be "
        "None in this case.");
  }
  return one_against_one(truth, proba, multi_class == MultiClass::ovo_weighted);
}

double average_precision_score(const Target& y, const Matrix<double>& proba,
                               std::span<const double> sample_weight) {
  check_probabilities(y, proba, sample_weight);
  const Target truth = y.with_occurring_labels();
  if (truth.has_labels()) {
    const std::size_t n_labels = n_classes(truth.classes());
    if (n_labels <= 2 && proba.cols() == 2) {
      return binary_average_precision(column(proba, 1), is_label_one(truth), sample_weight);
    }
    check_all_classes(truth, proba);
  }
  return one_against_rest(binary_average_precision, truth, proba, false, sample_weight);
}

}  // namespace skarma
