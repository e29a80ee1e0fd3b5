#include <skarma/estimators/metrics/classification_metrics.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include <skarma/estimators/metrics/metrics.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::Json;

const Json& metrics() { return test::golden("metrics"); }
double expected(const std::string& name) { return test::number(metrics()["values"][name]); }
Target target(const char* name) { return test::ints(metrics()[name]); }
Matrix<double> two_columns(const std::vector<double>& p) {
  Matrix<double> both(p.size(), 2);
  for (std::size_t i = 0; i < p.size(); ++i) {
    both(i, 0) = 1.0 - p[i];
    both(i, 1) = p[i];
  }
  return both;
}

/// Unweighted and weighted, with the suffix of the golden names.
struct Weighting {
  std::string suffix;
  std::vector<double> weights;
};
std::vector<Weighting> weightings() {
  return {{"", {}}, {"_weighted_samples", test::numbers(metrics()["sample_weight"])}};
}

constexpr double kTolerance = 1e-14;

TEST(ClassificationMetrics, PrecisionRecallAndF1) {
  for (const auto& [suffix, w] : weightings()) {
    const auto check = [&](const Target& y, const Target& p, Average average, std::string name) {
      const auto got = precision_recall(y, p, average, w);
      EXPECT_TRUE(test::close(got.precision, expected("precision_" + name + suffix), kTolerance));
      EXPECT_TRUE(test::close(got.recall, expected("recall_" + name + suffix), kTolerance));
      EXPECT_TRUE(test::close(got.f1, expected("f1_" + name + suffix), kTolerance));
    };
    check(target("y_true_binary"), target("y_pred_binary"), Average::binary, "binary");
    check(target("y_true"), target("y_pred"), Average::macro, "macro");
    check(target("y_true"), target("y_pred"), Average::micro, "micro");
    check(target("y_true"), target("y_pred"), Average::weighted, "weighted");
  }
}

TEST(ClassificationMetrics, F1OverSamples) {
  const Target y(test::matrix(metrics()["multilabel_true"]));
  const Target p(test::matrix(metrics()["multilabel_pred"]));
  EXPECT_TRUE(test::close(precision_recall(y, p, Average::samples).f1,
                          expected("multilabel_f1_samples"), kTolerance));
}

TEST(ClassificationMetrics, BalancedAccuracyLogLossAndRankings) {
  const auto proba = test::matrix(metrics()["proba"]);
  const auto binary = two_columns(test::numbers(metrics()["score_binary"]));
  const Target y = target("y_true");
  const Target yb = target("y_true_binary");
  for (const auto& [suffix, w] : weightings()) {
    EXPECT_TRUE(test::close(balanced_accuracy_score(y, target("y_pred"), w),
                            expected("balanced_accuracy" + suffix), kTolerance));
    EXPECT_TRUE(test::close(-log_loss(y, proba, w), expected("neg_log_loss" + suffix), kTolerance));
    EXPECT_TRUE(test::close(-log_loss(yb, binary, w), expected("binary_neg_log_loss" + suffix),
                            kTolerance));
    EXPECT_TRUE(test::close(roc_auc_score(yb, binary, MultiClass::raise, w),
                            expected("binary_roc_auc" + suffix), kTolerance));
    EXPECT_TRUE(test::close(average_precision_score(yb, binary, w),
                            expected("binary_average_precision" + suffix), kTolerance));
  }
}

// sklearn.metrics.roc_auc_score and average_precision_score on y_true and proba of metrics.json.
TEST(ClassificationMetrics, RankingsOfSeveralClasses) {
  const auto proba = test::matrix(metrics()["proba"]);
  const Target y = target("y_true");
  const auto area = [&](MultiClass form) { return roc_auc_score(y, proba, form); };
  EXPECT_NEAR(area(MultiClass::ovr), 0.5151336995805387, 1e-14);
  EXPECT_NEAR(area(MultiClass::ovr_weighted), 0.5152219029374201, 1e-14);
  EXPECT_NEAR(area(MultiClass::ovo), 0.5139131701631702, 1e-14);
  EXPECT_NEAR(area(MultiClass::ovo_weighted), 0.5146388767482517, 1e-14);
  EXPECT_NEAR(average_precision_score(y, proba), 0.39864105720259085, 1e-14);
  EXPECT_THROW_WITH(area(MultiClass::raise), std::invalid_argument, "multi_class must be in");
}

TEST(ClassificationMetrics, NothingToDivideByIsZeroOrNan) {
  const Target zeros(std::vector<int>{0, 0});
  const Target y(std::vector<int>{0, 1});
  EXPECT_EQ(precision_recall(y, zeros, Average::binary).precision, 0.0);
  EXPECT_EQ(precision_recall(y, zeros, Average::binary).f1, 0.0);
  EXPECT_TRUE(std::isnan(roc_auc_score(zeros, two_columns({0.2, 0.3}), MultiClass::raise)));
}

TEST(ClassificationMetrics, LabelsThatDoNotOccurDoNotCount) {
  // Three classes in the table, two of them in the chosen rows: macro averages over two.
  const std::vector<RowIndex> chosen = {0, 1};
  const Target y = Target(std::vector<int>{0, 1, 2}).rows(chosen);
  EXPECT_EQ(precision_recall(y, y, Average::macro).f1, 1.0);
  EXPECT_EQ(balanced_accuracy_score(y, y), 1.0);
  EXPECT_NEAR(log_loss(y, two_columns({0.5, 0.5})), std::log(2.0), 1e-15);
}

TEST(ClassificationMetrics, TheLabelsThatOccurDecideWhetherTheTargetIsBinary) {
  const Target three(std::vector<int>{0, 0, 1, 2});
  const auto f1 = [&](std::vector<RowIndex> truth, std::vector<RowIndex> predicted) {
    return precision_recall(three.rows(truth), three.rows(predicted), Average::binary).f1;
  };
  EXPECT_EQ(f1({0, 1}, {2, 2}), 0.0);
  EXPECT_EQ(f1({0, 1}, {0, 1}), 0.0);
  EXPECT_EQ(f1({2, 3}, {3, 3}), 0.0);
  EXPECT_EQ(f1({2, 3}, {2, 3}), 1.0);
  EXPECT_THROW_WITH(f1({0, 3}, {2, 2}), std::invalid_argument, "Target is multiclass");
  EXPECT_THROW_WITH(f1({0, 1}, {3, 3}), std::invalid_argument, "should be one of [0, 2]");
}

TEST(ClassificationMetrics, WeightsThatAreAllZeroAreRefused) {
  const Target truth(std::vector<int>{0, 1});
  const std::vector<double> zeros(2);
  const Matrix<double> half(2, 2, {0.5, 0.5, 0.5, 0.5});
  EXPECT_THROW_WITH(log_loss(truth, half, zeros), std::invalid_argument, "at least one non-zero");
  EXPECT_THROW_WITH(accuracy_score(truth, truth, zeros), std::invalid_argument,
                    "at least one non-zero");
}

TEST(ClassificationMetrics, ProbabilitiesThatAreNotFiniteHaveNoFigure) {
  const Target truth(std::vector<int>{0, 1});
  const Matrix<double> nan(2, 2, {0.5, 0.5, 0.5, std::nan("")});
  EXPECT_THROW_WITH(log_loss(truth, nan), std::invalid_argument, "Input contains NaN.");
  EXPECT_THROW_WITH(roc_auc_score(truth, nan, MultiClass::raise), std::invalid_argument,
                    "Input contains NaN.");
  EXPECT_THROW_WITH(average_precision_score(truth, nan), std::invalid_argument,
                    "Input contains NaN.");
}

TEST(ClassificationMetrics, AverageAndTargetsMustFit) {
  using Invalid = std::invalid_argument;
  const Target three(std::vector<int>{0, 1, 2});
  const Target words(std::vector<std::string>{"a", "b"});
  EXPECT_THROW_WITH(precision_recall(three, three, Average::binary), Invalid,
                    "Target is multiclass but average='binary'");
  EXPECT_THROW_WITH(precision_recall(words, words, Average::binary), Invalid,
                    "pos_label=1 is not a valid label: It should be one of ['a', 'b']");
  EXPECT_THROW_WITH(precision_recall(three, three, Average::samples), Invalid, "multilabel");
  EXPECT_THROW_WITH(log_loss(words, Matrix<double>(2, 3)), Invalid,
                    "Number of classes in y_true (2) not equal to the number of columns");
}

}  // namespace
}  // namespace skarma
