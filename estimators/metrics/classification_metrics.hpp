#pragma once

#include <span>

#include <skarma/estimators/target.hpp>

namespace skarma {

/// How the figures of several classes become one. `binary` is the figure of label 1; `samples`
/// averages over samples, for several labels at once.
enum class Average { binary, macro, micro, weighted, samples };

/// Precision, recall and F1 from weighted counts; 0/0 is 0. `truth` and `predicted` are labels or
/// rows of 0 and 1. Throws std::invalid_argument when the average does not fit the targets.
/// Source: scikit-learn, `precision_recall_fscore_support`.
struct PrecisionRecall {
  double precision;
  double recall;
  double f1;
  /// False where a label (or a sample, where these are averaged) made it 0/0.
  bool precision_is_defined = true;
  bool recall_is_defined = true;
  bool f1_is_defined = true;
};
PrecisionRecall precision_recall(const Target& truth, const Target& predicted, Average average,
                                 std::span<const double> sample_weight = {});

/// The mean recall over the classes that occur in truth. Source: `balanced_accuracy_score`.
double balanced_accuracy_score(const Target& truth, const Target& predicted,
                               std::span<const double> sample_weight = {});

// Below, `proba` has shape (n_samples, n_classes) with one column for each of the sorted classes,
// or (n_samples, n_outputs) for several labels at once.

/// The mean cross-entropy; probabilities are clipped by `epsilon`, that of their own type.
/// Throws std::invalid_argument unless truth has as many classes as proba has columns.
double log_loss(const Target& truth, const Matrix<double>& proba,
                std::span<const double> sample_weight = {}, double epsilon = 0x1p-52);

/// How the areas of several classes are made from pairs: one class against the rest, or against
/// each other one.
enum class MultiClass { raise, ovr, ovr_weighted, ovo, ovo_weighted };

/// The area under the ROC curve; NaN if only one class occurs. Several labels: their mean.
/// Source: `roc_auc_score`; the one-against-one form is Hand and Till, Machine Learning 45 (2001).
double roc_auc_score(const Target& truth, const Matrix<double>& proba, MultiClass multi_class,
                     std::span<const double> sample_weight = {});

/// The sum over thresholds of (R_n - R_{n-1}) P_n, for label 1, whose scores are column 1; several
/// classes or labels: their mean. Throws std::invalid_argument for two labels without 1, and unless
/// several classes have a column each. Source: `average_precision_score`.
double average_precision_score(const Target& truth, const Matrix<double>& proba,
                               std::span<const double> sample_weight = {});

}  // namespace skarma
