#include <skarma/cli/output/prediction_text.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/tests/cli/model_example.hpp>

namespace skarma::cli {
namespace {

const Matrix<double> kNew(2, 2, {7, 9, 9, 7});
const Matrix<double> kCorners(2, 2, {-1, 1, 1, -1});

TEST(PredictionText, LabelsAndTheirProbabilities) {
  const Pipeline model = test::fitted_on_a_and_b();
  EXPECT_EQ(predictions_as_csv(model, kNew, false), "prediction\nno\nyes\n");
  const auto p = model.predict_proba(kNew);
  EXPECT_EQ(predictions_as_csv(model, kNew, true),
            fmt::format("prediction,proba_no,proba_yes\nno,{},{}\nyes,{},{}\n", p(0, 0), p(0, 1),
                        p(1, 0), p(1, 1)));
}

TEST(PredictionText, WordsWithCommasAreQuoted) {
  MLPClassifier model({.hidden_layer_sizes = {4}, .solver = "lbfgs", .random_state = 1});
  model.fit(kCorners, std::vector<std::string>{"a,b", "c"});
  EXPECT_EQ(predictions_as_csv(model, kCorners, false), "prediction\n\"a,b\"\nc\n");
}

TEST(PredictionText, AModelOfASingleClassHasTwoColumns) {
  MLPClassifier model({.hidden_layer_sizes = {4}, .solver = "lbfgs", .random_state = 1});
  model.fit(kCorners, std::vector<std::string>{"a", "a"});
  const std::string text = predictions_as_csv(model, kCorners, true);
  EXPECT_TRUE(text.starts_with("prediction,proba_a,proba_other\na,")) << text;
}

TEST(PredictionText, SeveralLabelsAtOnce) {
  MLPClassifier model({.hidden_layer_sizes = {4}, .solver = "lbfgs", .random_state = 1});
  model.fit(kCorners, Matrix<double>(2, 2, {1, 0, 0, 1}));
  const std::string text = predictions_as_csv(model, kCorners, true);
  EXPECT_TRUE(text.starts_with("prediction_1,prediction_2,proba_1,proba_2\n1,0,0.")) << text;
}

TEST(PredictionText, NumbersCanBeReadBackExactly) {
  MLPRegressor model({.hidden_layer_sizes = {4}, .solver = "lbfgs", .random_state = 1});
  model.fit(kNew, std::vector{0.1, 0.7});
  const auto y = model.predict(kNew).as_doubles();
  EXPECT_EQ(predictions_as_csv(model, kNew, false),
            fmt::format("prediction\n{}\n{}\n", y[0], y[1]));
}

TEST(PredictionText, AFloat32ModelWritesFloats) {
  MLPRegressor model({.hidden_layer_sizes = {4}, .max_iter = 3, .random_state = 1});
  model.fit(Matrix<float>(2, 2, {7, 9, 9, 7}), std::vector{0.1F, 0.7F});
  const auto y = model.predict(kNew).as_doubles();
  EXPECT_EQ(
      predictions_as_csv(model, kNew, false),
      fmt::format("prediction\n{}\n{}\n", static_cast<float>(y[0]), static_cast<float>(y[1])));
}

}  // namespace
}  // namespace skarma::cli
