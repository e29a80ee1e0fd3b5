#include <skarma/estimators/mlp/mlp_regressor.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden_data.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

using test::random_matrix;

/// y = 2 x_0 - x_1 + 3, and its double.
struct Plane {
  Matrix<double> x = random_matrix(80, 2, 1);
  Matrix<double> y{80, 2};
  Plane() {
    for (std::size_t i = 0; i < 80; ++i) {
      y(i, 0) = 2 * x(i, 0) - x(i, 1) + 3;
      y(i, 1) = 2 * y(i, 0);
    }
  }
  std::vector<double> first() const {
    std::vector<double> column;
    for (std::size_t i = 0; i < 80; ++i) column.push_back(y(i, 0));
    return column;
  }
};

/// Without hidden layers and penalty lbfgs finds the plane.
TEST(MLPRegressor, LinearWithoutHiddenLayers) {
  const Plane plane;
  MLPRegressor model({.hidden_layer_sizes = {},
                      .solver = "lbfgs",
                      .alpha = 0,
                      .max_iter = 500,
                      .random_state = 1,
                      .tol = 1e-10});
  model.fit(plane.x, plane.y);
  EXPECT_NEAR(model.coefs()[0](0, 0), 2, 1e-3);
  EXPECT_NEAR(model.coefs()[0](1, 1), -2, 1e-3);
  EXPECT_NEAR(model.intercepts()[0][0], 3, 1e-3);
  EXPECT_GT(model.score(plane.x, plane.y), 1 - 1e-6);
  EXPECT_EQ(model.predict(plane.x).values().cols(), 2u);
}

/// E31 of the lecture: a line by plain gradient descent, to six digits.
TEST(MLPRegressor, FitsALineByGradientDescent) {
  const Matrix<double> x(100, 1, test::random_numbers(100, 0, 0, 1));
  std::vector<double> y;
  for (const double v : x.values()) y.push_back(0.1 * v + 0.3);
  MLPRegressor model({.hidden_layer_sizes = {},
                      .solver = "sgd",
                      .alpha = 0,
                      .batch_size = 100,
                      .learning_rate_init = 1.0,
                      .max_iter = 201,
                      .random_state = 0,
                      .tol = 0,
                      .momentum = 0,
                      .n_iter_no_change = 1000});
  model.fit(x, y);
  EXPECT_NEAR(model.coefs()[0](0, 0), 0.1, 1e-5);
  EXPECT_NEAR(model.intercepts()[0][0], 0.3, 1e-5);
}

TEST(MLPRegressor, PoissonPredictsPositiveNumbers) {
  const auto& file = test::golden("data_synthetic");
  const auto x = test::matrix(file.at("X"));
  MLPRegressor model(
      {.loss = "poisson", .hidden_layer_sizes = {5}, .solver = "lbfgs", .random_state = 1});
  model.fit(x, test::numbers(file.at("y_count")));
  EXPECT_EQ(model.out_activation(), "exp");
  for (const double v : model.predict(x).as_doubles()) EXPECT_GT(v, 0.0);
}

TEST(MLPRegressor, OneColumnIsOneOutput) {
  const Plane plane;
  const MLPRegressorParams params{.hidden_layer_sizes = {3}, .max_iter = 5, .random_state = 1};
  MLPRegressor flat(params), column(params);
  flat.fit(plane.x, plane.first());
  column.fit(plane.x, Matrix<double>(80, 1, plane.first()));
  EXPECT_EQ(flat.coefs(), column.coefs());
  EXPECT_EQ(flat.predict(plane.x).as_doubles(), column.predict(plane.x).as_doubles());
}

TEST(MLPRegressor, IntsAreNumbers) {
  const auto x = random_matrix(20, 2, 1);
  std::vector<int> y;
  for (int i = 0; i < 20; ++i) y.push_back(i % 5);
  const MLPRegressorParams params{.hidden_layer_sizes = {3}, .max_iter = 5, .random_state = 1};
  MLPRegressor ints(params), doubles(params);
  ints.fit(x, y);
  doubles.fit(x, std::vector<double>(y.begin(), y.end()));
  EXPECT_EQ(ints.coefs(), doubles.coefs());
}

/// Spec 2.10: partial_fit with lbfgs runs a whole fit from the current weights.
TEST(MLPRegressor, PartialFitWithLbfgsGoesOn) {
  const Plane plane;
  MLPRegressor model(
      {.hidden_layer_sizes = {4}, .solver = "lbfgs", .max_iter = 5, .random_state = 1});
  model.partial_fit(plane.x, plane.y);
  const double loss = model.loss();
  EXPECT_EQ(model.n_iter(), 5);
  model.partial_fit(plane.x, plane.y);
  EXPECT_LT(model.loss(), loss);
}

TEST(MLPRegressor, EarlyStoppingWatchesR2) {
  const Plane plane;
  MLPRegressor model(
      {.hidden_layer_sizes = {5}, .max_iter = 20, .random_state = 1, .early_stopping = true});
  model.fit(plane.x, plane.y);
  ASSERT_TRUE(model.validation_scores());
  EXPECT_EQ(model.validation_scores()->size(), static_cast<std::size_t>(model.n_iter()));
  EXPECT_FALSE(model.best_loss());
  EXPECT_LE(*model.best_validation_score(), 1.0);
}

/// Predictions that overflow score NaN: no epoch is better, and the initial weights come back.
TEST(MLPRegressor, NaNValidationScoresRestoreTheInitialWeights) {
  const Plane plane;
  const MLPRegressorParams params{.loss = "poisson",
                                  .hidden_layer_sizes = {},
                                  .solver = "sgd",
                                  .learning_rate_init = 1e4,
                                  .max_iter = 3,
                                  .random_state = 1,
                                  .early_stopping = true};
  Matrix<double> x = plane.x;
  for (std::size_t i = 0; i < 80; ++i) {
    for (double& v : x.row(i)) v *= 1000;
  }
  MLPRegressor model(params);
  model.fit(x, plane.first());
  ASSERT_EQ(model.n_iter(), 3);
  bool all_nan = true;
  for (const double score : *model.validation_scores()) all_nan &= std::isnan(score);
  ASSERT_TRUE(all_nan);
  RandomState random_state(1);
  const double bound = std::sqrt(6.0 / 3.0);
  EXPECT_EQ(model.coefs()[0](0, 0), random_state.uniform(-bound, bound));
  EXPECT_EQ(model.coefs()[0](1, 0), random_state.uniform(-bound, bound));
  EXPECT_EQ(model.intercepts()[0][0], random_state.uniform(-bound, bound));
}

TEST(MLPRegressor, Mistakes) {
  const Plane plane;
  MLPRegressor model({.max_iter = 1});
  EXPECT_THROW_WITH(model.fit(plane.x, std::vector<std::string>(80, "a")), std::invalid_argument,
                    "The targets are strings, such as 'a'; numbers are needed here.");
  auto y = plane.first();
  y[9] = INFINITY;
  EXPECT_THROW_WITH(model.fit(plane.x, y), std::invalid_argument, "Input y contains infinity");
  EXPECT_THROW_WITH(MLPRegressor({.loss = "hinge"}).fit(plane.x, plane.y), std::invalid_argument,
                    "The 'loss' parameter of MLPRegressor must be");
  EXPECT_THROW_WITH(MLPRegressor({.early_stopping = true}).partial_fit(plane.x, plane.y),
                    std::invalid_argument, "partial_fit does not support early_stopping=True");
  model.fit(plane.x, plane.first());
  EXPECT_THROW_WITH(model.score(plane.x, plane.y), std::invalid_argument,
                    "y_true and y_pred have different number of output (2!=1)");
  EXPECT_THROW(model.predict_proba(plane.x), std::invalid_argument);
}

}  // namespace
}  // namespace skarma
