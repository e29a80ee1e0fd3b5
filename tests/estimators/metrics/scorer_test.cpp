#include <skarma/estimators/metrics/scorer.hpp>

#include <gtest/gtest.h>

#include <skarma/estimators/metrics/classification_metrics.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

struct Fitted : testing::Test {
  Matrix<double> x{4, 1, {0.0, 1.0, 2.0, 3.0}};
  Target y{std::vector<int>{0, 0, 1, 1}};
  MLPClassifier model{{.hidden_layer_sizes = {}, .solver = "lbfgs", .random_state = 0}};
  void SetUp() override { model.fit(x, y); }
};

using ScorerTest = Fitted;

TEST_F(ScorerTest, TheDefaultIsTheEstimatorsOwn) {
  EXPECT_EQ(Scorer().name(), "score");
  EXPECT_EQ(Scorer()(model, x, y), model.score(x, y));
  const Target half_wrong(std::vector<int>{0, 1, 0, 1});
  EXPECT_EQ(Scorer()(model, x, half_wrong), 0.5);
  const std::vector<double> weights = {3.0, 1.0, 0.0, 0.0};
  EXPECT_EQ(Scorer()(model, x, half_wrong, weights), 0.75);
}

TEST_F(ScorerTest, NamesAndCallables) {
  EXPECT_EQ(Scorer("accuracy")(model, x, y), 1.0);
  const Scorer constant(
      "mine", [](const Estimator&, const SampleView& samples, const Target&,
                 std::span<const double>) { return static_cast<double>(samples.n_samples()); });
  EXPECT_EQ(constant.name(), "mine");
  EXPECT_EQ(constant(model, x, y), 4.0);
}

TEST_F(ScorerTest, AnUnknownNameNamesTheNearest) {
  EXPECT_THROW_WITH(Scorer("acuracy"), std::invalid_argument, "Did you mean 'accuracy'?");
}

TEST_F(ScorerTest, ScoresOfTheLabelOneNeedAnEstimatorThatLearntIt) {
  model.fit(x, std::vector<int>{0, 0, 2, 2});
  for (const char* name : {"f1", "precision", "recall"}) {
    const Scorer scorer(name);
    EXPECT_THROW_WITH(scorer(model, x, std::vector<int>{1, 1, 1, 1}), std::invalid_argument,
                      "pos_label=1 is not a valid label: It should be one of [0, 2]");
  }
  model.fit(x, y);
  EXPECT_EQ(Scorer("f1")(model, x, y), 1.0);
}

// scikit-learn warns of these: precision has no prediction, recall no truth, F1 neither.
TEST_F(ScorerTest, FiguresThatDivideByNothingAreNotWellDefined) {
  const auto defined = [&](const char* name, const std::vector<int>& truth) {
    const Judgement judged = Scorer(name).judge(model, x, truth);
    EXPECT_EQ(judged.score, Scorer(name)(model, x, truth));
    return judged.well_defined;
  };
  const std::vector<int> zeros{0, 0, 0, 0};
  const std::vector<int> twos{0, 1, 2, 2};
  for (const char* name : {"precision", "recall", "f1", "f1_macro", "balanced_accuracy"}) {
    EXPECT_TRUE(defined(name, {0, 0, 1, 1})) << name;
  }
  EXPECT_TRUE(defined("precision", zeros));
  EXPECT_FALSE(defined("recall", zeros));
  EXPECT_TRUE(defined("f1", zeros));
  EXPECT_FALSE(defined("recall_macro", zeros));
  EXPECT_FALSE(defined("balanced_accuracy", zeros));
  EXPECT_FALSE(defined("precision_weighted", twos));
  EXPECT_TRUE(defined("recall_weighted", twos));
  EXPECT_TRUE(defined("precision_micro", twos));
  EXPECT_TRUE(defined("accuracy", zeros));
}

TEST_F(ScorerTest, AnotherNameChangesNothingElse) {
  const Scorer scorer = Scorer("recall").named("hits");
  EXPECT_EQ(scorer.name(), "hits");
  EXPECT_FALSE(scorer.judge(model, x, std::vector<int>{0, 0, 0, 0}).well_defined);
}

// The probabilities of scikit-learn's scorers, whatever the classes that training has seen.
TEST_F(ScorerTest, OneClassInTrainingScoresByTheProbabilityOfThatClass) {
  model.fit(x, std::vector<int>{0, 0, 0, 0});
  const Matrix<double> proba = model.predict_proba(x);
  Matrix<double> reversed(4, 2);
  for (std::size_t i = 0; i < 4; ++i) {
    reversed(i, 0) = proba(i, 1);
    reversed(i, 1) = proba(i, 0);
  }
  for (const char* name : {"roc_auc", "roc_auc_ovr", "roc_auc_ovo"}) {
    EXPECT_EQ(Scorer(name)(model, x, y), roc_auc_score(y, reversed, MultiClass::ovr)) << name;
  }
  EXPECT_NEAR(Scorer("neg_log_loss")(model, x, y), -log_loss(y, reversed), 1e-12);
  EXPECT_THROW_WITH(Scorer("average_precision")(model, x, y), std::invalid_argument,
                    "pos_label=1 is not a valid label");
  model.fit(x, std::vector<int>{1, 1, 1, 1});
  EXPECT_EQ(Scorer("average_precision")(model, x, std::vector<int>{0, 0, 0, 0}), 0.0);
}

TEST_F(ScorerTest, AveragePrecisionIsOfTheLabelOne) {
  model.fit(x, std::vector<int>{1, 1, 2, 2});
  EXPECT_EQ(Scorer("average_precision")(model, x, std::vector<int>{1, 1, 2, 2}), 1.0);
  EXPECT_THROW_WITH(Scorer("average_precision")(model, x, std::vector<int>{2, 2, 3, 3}),
                    std::invalid_argument, "pos_label=1 is not a valid label");
}

TEST_F(ScorerTest, AClassThatIsMissingInTheTestPartIsAnError) {
  model.fit(x, std::vector<int>{0, 1, 2, 2});
  const std::vector<RowIndex> rows = {0, 1, 2};
  const Target two = Target(std::vector<int>{0, 1, 1, 2}).rows(rows);
  const SampleView some = SampleView(x).rows(rows);
  for (const char* name : {"average_precision", "roc_auc_ovr", "roc_auc_ovo", "neg_log_loss"}) {
    const Scorer scorer(name);
    EXPECT_THROW_WITH(scorer(model, some, two), std::invalid_argument, "Number of classes");
  }
}

TEST_F(ScorerTest, LabelsOfThreeClassesWithoutTheLabelOne) {
  model.fit(x, std::vector<int>{0, 2, 3, 3});
  const Target zeros(std::vector<int>{0, 0});
  const std::vector<RowIndex> first = {0, 0};
  ASSERT_EQ(model.predict(SampleView(x).rows(first)).as_ints(), (std::vector<int>{0, 0}));
  EXPECT_EQ(Scorer("f1")(model, SampleView(x).rows(first), zeros), 0.0);
}

TEST(Scorer, IsKnownByTheNameThatItWasMadeOf) {
  EXPECT_EQ(Scorer().known_name(), "score");
  EXPECT_EQ(Scorer().named("accuracy").known_name(), "score");
  EXPECT_EQ(Scorer("r2").named("mine").known_name(), "r2");
  const auto nothing = [](const Estimator&, const SampleView&, const Target&,
                          std::span<const double>) { return 0.0; };
  EXPECT_EQ(Scorer("r2", nothing).known_name(), "");
}

}  // namespace
}  // namespace skarma
