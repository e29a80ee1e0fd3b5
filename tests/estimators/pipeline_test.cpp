#include <skarma/estimators/pipeline.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/preprocessing/min_max_scaler.hpp>
#include <skarma/estimators/preprocessing/robust_scaler.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden_data.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

MLPClassifier small_classifier() {
  return MLPClassifier({.hidden_layer_sizes = {4}, .max_iter = 5, .random_state = 3});
}

std::vector<std::string> step_names(const Pipeline& pipeline) {
  std::vector<std::string> names;
  for (const auto& [name, scaler] : pipeline.transformers()) names.push_back(name);
  names.push_back(pipeline.estimator_name());
  return names;
}

/// As make_pipeline of scikit-learn names them.
TEST(Pipeline, StepsAreNamedAfterTheirClasses) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(step_names(make_pipeline(StandardScaler(), MLPClassifier())),
            (Names{"standardscaler", "mlpclassifier"}));
  EXPECT_EQ(
      step_names(make_pipeline(StandardScaler(), MinMaxScaler(), StandardScaler(), MLPRegressor())),
      (Names{"standardscaler-1", "minmaxscaler", "standardscaler-2", "mlpregressor"}));
}

TEST(Pipeline, ParametersAreSetThroughStepNames) {
  auto pipeline = make_pipeline(StandardScaler(), MLPClassifier());
  pipeline.set("mlpclassifier__alpha", 0.25).set("standardscaler__with_mean", false);
  const ParamSet all = pipeline.parameters();
  const auto value_of = [&](const std::string& name) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& p) { return p.first == name; });
    return found == all.end() ? ParamValue() : found->second;
  };
  EXPECT_EQ(value_of("mlpclassifier__alpha"), ParamValue(0.25));
  EXPECT_EQ(value_of("standardscaler__with_mean"), ParamValue(false));
  EXPECT_EQ(dynamic_cast<const MLPClassifier&>(pipeline.estimator()).params().alpha, 0.25);
}

TEST(Pipeline, ParametersOfAllStepsAreValidated) {
  auto pipeline = make_pipeline(RobustScaler(), MLPClassifier());
  pipeline.validate();
  pipeline.set("robustscaler__quantile_low", 90.0);
  EXPECT_THROW_WITH(pipeline.validate(), std::invalid_argument, "Invalid quantile range");
}

TEST(Pipeline, UnknownNamesAreRefused) {
  auto pipeline = make_pipeline(StandardScaler(), MLPClassifier());
  EXPECT_THROW_WITH(pipeline.set("alpha", 1.0), std::invalid_argument,
                    "Invalid parameter 'alpha' for estimator Pipeline.");
  EXPECT_THROW_WITH(pipeline.set("mlpclasifier__alpha", 1.0), std::invalid_argument,
                    "Did you mean 'mlpclassifier__alpha'?");
  EXPECT_THROW_WITH(pipeline.set("mlpclassifier__alpa", 1.0), std::invalid_argument,
                    "Invalid parameter 'alpa' for estimator MLPClassifier");
  EXPECT_THROW_WITH(pipeline.set("standardscaler__mean", true), std::invalid_argument,
                    "for estimator StandardScaler");
}

TEST(Pipeline, StepNamesMustBeUsable) {
  for (const std::string bad : {"", "a__b", "net"}) {
    Pipeline::Transformers scalers;
    scalers.emplace_back(bad, std::make_unique<StandardScaler>());
    EXPECT_THROW_WITH(Pipeline(std::move(scalers), "net", std::make_unique<MLPClassifier>()),
                      std::invalid_argument, "cannot name a step of a Pipeline");
  }
}

/// The scaler learns from the training rows alone: bit-equal to scaling copies by hand.
TEST(Pipeline, EqualsScalingByHandToTheBit) {
  const auto data = test::golden_data_set("iris");
  RandomState random_state(1);
  const auto order = random_state.permutation(150);
  const std::vector<RowIndex> train(order.begin(), order.begin() + 100);
  const std::vector<RowIndex> held_out(order.begin() + 100, order.end());
  const SampleView train_view = SampleView(data.x).rows(train);
  const SampleView test_view = SampleView(data.x).rows(held_out);

  auto pipeline = make_pipeline(StandardScaler(), small_classifier());
  pipeline.fit(train_view, data.y.rows(train));

  StandardScaler scaler;
  scaler.fit(train_view);
  const Matrix<double> scaled = scaler.transform(train_view);
  MLPClassifier by_hand = small_classifier();
  by_hand.fit(scaled, data.y.rows(train));
  const auto& inner = dynamic_cast<const MLPClassifier&>(pipeline.estimator());
  EXPECT_TRUE(test::same_bits(inner.loss_curve(), by_hand.loss_curve()));
  EXPECT_TRUE(test::same_bits(pipeline.predict_proba(test_view).values(),
                              by_hand.predict_proba(scaler.transform(test_view)).values()));
  EXPECT_EQ(pipeline.score(test_view, data.y.rows(held_out)),
            by_hand.score(scaler.transform(test_view), data.y.rows(held_out)));
}

TEST(Pipeline, SeveralScalersWorkInOrder) {
  const auto x = test::random_matrix(30, 3, 1);
  auto pipeline =
      make_pipeline(MinMaxScaler({.low = 2, .high = 5}), StandardScaler(), small_classifier());
  pipeline.fit(x, std::vector<int>(30, 1));
  MinMaxScaler first({.low = 2, .high = 5});
  StandardScaler second;
  first.fit(x);
  const Matrix<double> between = first.transform(x);
  second.fit(between);
  std::vector<double> seen(90);
  pipeline.transformed(x).gather(0, 30, seen.data());
  EXPECT_TRUE(test::same_bits(seen, second.transform(between).values()));
}

TEST(Pipeline, ACloneIsUnfittedAndIndependent) {
  auto pipeline = make_pipeline(StandardScaler(), small_classifier());
  const auto x = test::random_matrix(30, 3, 1);
  pipeline.fit(x, std::vector<int>(30, 1));
  const auto copy = pipeline.clone();
  EXPECT_EQ(copy->parameters(), pipeline.parameters());
  EXPECT_THROW_WITH(copy->predict(x), NotFittedError, "is not fitted yet");
  copy->set("mlpclassifier__alpha", 9.0);
  EXPECT_NE(copy->parameters(), pipeline.parameters());
  EXPECT_NO_THROW(pipeline.predict(x));
}

TEST(Pipeline, TellsWhatItsEstimatorIs) {
  EXPECT_TRUE(make_pipeline(StandardScaler(), MLPClassifier()).is_classifier());
  EXPECT_FALSE(make_pipeline(StandardScaler(), MLPRegressor()).is_classifier());
  const auto shared = std::make_shared<RandomState>(1);
  const auto drawing = make_pipeline(StandardScaler(),
                                     MLPRegressor({.random_state = shared, .device = "reference"}));
  EXPECT_TRUE(drawing.shares_random_state());
  EXPECT_FALSE(drawing.clone()->shares_random_state());
  EXPECT_EQ(drawing.device(), "reference");
  auto wrong = make_pipeline(StandardScaler(), MLPClassifier({.alpha = -1}));
  EXPECT_THROW(wrong.validate(), std::invalid_argument);
}

TEST(Pipeline, NaNPassesTheScalerAndIsRefusedByTheEstimator) {
  Matrix<double> x = test::random_matrix(10, 2, 1);
  x(4, 1) = std::nan("");
  auto pipeline = make_pipeline(StandardScaler(), small_classifier());
  EXPECT_THROW_WITH(pipeline.fit(x, std::vector<int>(10, 1)), std::invalid_argument,
                    "Input X contains NaN");
}

TEST(Pipeline, SamplesForValidationAreScaledAsTheOthers) {
  const Matrix<double> x = test::random_matrix(30, 2, 1), held = test::random_matrix(12, 2, 2);
  std::vector<int> y(30), y_held(12);
  for (std::size_t i = 0; i < 30; ++i) y[i] = x(i, 0) > 0.1 ? 1 : 0;
  for (std::size_t i = 0; i < 12; ++i) y_held[i] = held(i, 0) > 0.1 ? 1 : 0;
  auto pipeline = make_pipeline(StandardScaler(), small_classifier());
  pipeline.fit(x, y, {.validation = ValidationData{SampleView(held.view()), Target(y_held)}});
  const auto& network = dynamic_cast<const MLPClassifier&>(pipeline.estimator());
  EXPECT_EQ(network.history().validation_score.back(), pipeline.score(held, y_held));
}

}  // namespace
}  // namespace skarma
