#include <skarma/model_selection/scorer.hpp>

#include <gtest/gtest.h>

#include <skarma/estimators/mlp_classifier.hpp>
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

}  // namespace
}  // namespace skarma
