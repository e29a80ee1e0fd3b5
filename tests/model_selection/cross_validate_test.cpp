#include <skarma/model_selection/cross_validate.hpp>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
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

TEST_F(CrossValidate, ReturnsWhatItFitted) {
  const CrossValidateOptions options{
      .scoring = "accuracy", .cv = 3, .return_estimator = true, .n_jobs = 2};
  const auto result = cross_validate(model, x, y, options);
  const auto splits = StratifiedKFold(3).split(y.n_samples(), y);
  ASSERT_EQ(result.estimators.size(), 3U);
  for (std::size_t f = 0; f < 3; ++f) {
    const auto& test = splits[f].test;
    EXPECT_EQ(result.estimators[f]->score(SampleView(x).rows(test), y.rows(test)),
              result.scores[0].test[f]);
  }
  EXPECT_TRUE(cross_validate(model, x, y, {.cv = 3}).estimators.empty());
}

TEST_F(CrossValidate, AFailedFitHasNoEstimatorAndTheErrorScore) {
  // The first fold trains with one class alone, which early stopping cannot stratify.
  const MLPClassifier stopping({.max_iter = 2, .random_state = 0, .early_stopping = true});
  const Matrix<double> line(40, 1, std::vector<double>(40, 0.5));
  std::vector<int> labels(40, 0);
  labels[0] = 1;
  labels[1] = 1;
  std::vector<TrainTest> folds(2);
  for (RowIndex row = 0; row < 40; ++row) {
    (row == 0 ? folds[0].test : folds[0].train).push_back(row);
    (row > 35 ? folds[1].test : folds[1].train).push_back(row);
  }
  const auto result = cross_validate(stopping, line, labels,
                                     {.cv = folds, .return_estimator = true, .error_score = -1.0});
  EXPECT_EQ(result.estimators[0], nullptr);
  EXPECT_EQ(result.scores[0].test[0], -1.0);
  EXPECT_NE(result.estimators[1], nullptr);
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_NE(result.warnings[0].find("1 fits failed out of a total of 2"), std::string::npos);
  ASSERT_EQ(result.fit_warnings.size(), 1U);
  EXPECT_NE(result.fit_warnings[0].find("1 of 2 fits: "), std::string::npos);
}

TEST_F(CrossValidate, WeightsMayCountInTheFitsAlone) {
  std::vector<double> weights(y.n_samples(), 0.1);
  for (std::size_t i = 0; i < weights.size(); i += 3) weights[i] = 2.0;
  CrossValidateOptions options{.cv = 2, .return_estimator = true};
  const auto both = cross_validate(model.estimator(), x, y, options, weights);
  options.weight_scores = false;
  const auto fits_alone = cross_validate(model.estimator(), x, y, options, weights);
  EXPECT_NE(both.scores[0].test, fits_alone.scores[0].test);
  const auto test = StratifiedKFold(2).split(y.n_samples(), y)[0].test;
  EXPECT_EQ(fits_alone.estimators[0]->score(SampleView(x).rows(test), y.rows(test)),
            fits_alone.scores[0].test[0]);
}

TEST_F(CrossValidate, EachFitIsToldBefore) {
  std::vector<std::string> seen;
  CrossValidateOptions options{.cv = 2};
  options.before_fit = [&](Estimator& estimator) {
    seen.emplace_back(estimator.name());
    estimator.set("mlpclassifier__max_iter", std::int64_t{1});
  };
  const auto result = cross_validate(model, x, y, options);
  EXPECT_EQ(seen, (std::vector<std::string>{"Pipeline", "Pipeline"}));
  ASSERT_EQ(result.fit_warnings.size(), 1U);
  EXPECT_NE(result.fit_warnings[0].find("after 1 iteration"), std::string::npos);
}

TEST_F(CrossValidate, AnObserverIsToldEveryFitAndJudgesFailuresItself) {
  const MLPClassifier stopping({.max_iter = 2, .random_state = 0, .early_stopping = true});
  const Matrix<double> line(40, 1, std::vector<double>(40, 0.5));
  std::vector<int> lone(40, 0);
  lone[0] = 1;
  std::vector<std::unique_ptr<Estimator>> taken;
  std::vector<std::string> errors;
  CrossValidateOptions options{.cv = KFold(2)};
  options.observer = [&](const FitReport& report) {
    EXPECT_EQ(report.candidate, 0U);
    EXPECT_EQ(report.fold, errors.size());
    errors.push_back(report.result.fit_error);
    EXPECT_EQ(report.result.fit_exception != nullptr, !report.result.fit_error.empty());
    taken.push_back(std::move(report.estimator));
  };
  EXPECT_TRUE(cross_validate(stopping, line, lone, options).warnings.empty());
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_TRUE(errors[0].empty());
  EXPECT_NE(errors[1], "");
  EXPECT_EQ(taken[0]->predict(line).n_samples(), 40U);
}

}  // namespace
}  // namespace skarma
