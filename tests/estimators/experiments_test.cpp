// Experiments of the lecture documents with an exact anchor: E03 and E11 of experiments.md.
#include <cmath>

#include <gtest/gtest.h>

#include <skarma/estimators/holdout.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/tests/support/golden_data.hpp>

namespace skarma {
namespace {

using test::Json;

/// Two moons, five hidden units: .9333 and .92, however rounding falls.
TEST(Experiments, E03SmallNetOnTwoMoons) {
  const Json& moons = test::golden("experiments").at("moons");
  const Json& expected = test::golden("experiments").at("E03");
  const auto x = test::matrix(moons.at("X_train")), x_test = test::matrix(moons.at("X_test"));
  const Target y = test::ints(moons.at("y_train")), y_test = test::ints(moons.at("y_test"));
  MLPClassifier model({.hidden_layer_sizes = {5}, .solver = "lbfgs", .random_state = 10});
  model.fit(x, y);
  EXPECT_NEAR(model.score(x, y), 0.9333, 5e-5);
  EXPECT_DOUBLE_EQ(model.score(x_test, y_test), 0.92);
  EXPECT_EQ(model.n_iter(), expected.at("n_iter_").get<int>());
  EXPECT_NEAR(model.loss(), test::number(expected.at("loss_")), 1e-6);
}

/// Without hidden layers and with alpha = 1 / C the network is logistic regression.
TEST(Experiments, E11LogisticRegressionDrawnAsANetwork) {
  const auto data = test::golden_data_set("breast_cancer");
  RandomState random_state(0);
  const auto parts = stratified_shuffle_split(data.y.codes(), data.y.classes(),
                                              part_sizes(data.y.n_samples(), 0.25), random_state);
  const SampleView train = SampleView(data.x).rows(parts.train);
  StandardScaler scaler;
  scaler.fit(train);
  MLPClassifier model({.hidden_layer_sizes = {},
                       .solver = "lbfgs",
                       .alpha = 1.0,
                       .max_iter = 10000,
                       .random_state = 0,
                       .tol = 1e-10});
  model.fit(scaler.view(train), data.y.rows(parts.train));

  const Json& expected = test::golden("experiments").at("E11");
  const auto coef = test::numbers(expected.at("coef_"));
  for (std::size_t i = 0; i < coef.size(); ++i) EXPECT_NEAR(model.coefs()[0](i, 0), coef[i], 1e-3);
  EXPECT_NEAR(model.intercepts()[0][0], test::number(expected.at("intercept_")), 1e-3);
  EXPECT_DOUBLE_EQ(
      model.score(scaler.view(SampleView(data.x).rows(parts.test)), data.y.rows(parts.test)),
      test::number(expected.at("test_score")));
}

}  // namespace
}  // namespace skarma
