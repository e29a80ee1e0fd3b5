#include <skarma/model_selection/cross_validate.hpp>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/mlp_classifier.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/standard_scaler.hpp>
#include <skarma/tests/support/golden.hpp>

namespace skarma {
namespace {

struct CrossValidate : testing::Test {
  Matrix<double> x = test::matrix(test::golden("data_breast_cancer")["X"]);
  Target y{test::ints(test::golden("data_breast_cancer")["y"])};
  Pipeline model = make_pipeline(
      StandardScaler(), MLPClassifier({.solver = "lbfgs", .alpha = 10.0, .random_state = 1}));
};

// The row alpha = 10 of scikit-learn's grid over this very pipeline.
TEST_F(CrossValidate, FoldScoresAreScikitLearns) {
  const auto& golden = test::golden("grid_breast_cancer_lbfgs")["cv_results_"];
  const auto result = cross_validate(model, x, y, {.return_train_score = true, .n_jobs = 2});
  ASSERT_EQ(result.scores.size(), 1U);
  EXPECT_EQ(result.scores[0].metric, "score");
  for (std::size_t f = 0; f < 5; ++f) {
    const std::string split = "split" + std::to_string(f);
    EXPECT_EQ(result.scores[0].test[f], golden[split + "_test_score"][4].get<double>());
    EXPECT_EQ(result.scores[0].train[f], golden[split + "_train_score"][4].get<double>());
    EXPECT_GT(result.fit_time[f], 0.0);
    EXPECT_GT(result.score_time[f], 0.0);
  }
}

TEST_F(CrossValidate, SeveralMetricsAndAStopRequest) {
  const auto result = cross_validate(model, x, y, {.scoring = {"accuracy", "roc_auc"}, .cv = 3});
  EXPECT_EQ(result.scores[1].metric, "roc_auc");
  EXPECT_GT(result.scores[1].test[0], 0.95);
  EXPECT_TRUE(result.scores[1].train.empty());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(cross_validate(model, x, y, {.stop = stop.get_token()}), Cancelled);
}

}  // namespace
}  // namespace skarma
