#include <skarma/estimators/mlp_base.hpp>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/mlp_classifier.hpp>
#include <skarma/estimators/mlp_regressor.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden_data.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(MLPBase, NothingIsThereBeforeFit) {
  const MLPRegressor model;
  EXPECT_FALSE(model.is_fitted());
  const std::string text =
      "This MLPRegressor instance is not fitted yet. Call 'fit' with appropriate arguments before "
      "using this estimator.";
  EXPECT_THROW_WITH(model.coefs(), NotFittedError, text);
  EXPECT_THROW_WITH(model.intercepts(), NotFittedError, text);
  EXPECT_THROW_WITH(model.loss(), NotFittedError, text);
  EXPECT_THROW_WITH(model.loss_curve(), NotFittedError, text);
  EXPECT_THROW_WITH(model.best_loss(), NotFittedError, text);
  EXPECT_THROW_WITH(model.validation_scores(), NotFittedError, text);
  EXPECT_THROW_WITH(model.best_validation_score(), NotFittedError, text);
  EXPECT_THROW_WITH(model.n_iter(), NotFittedError, text);
  EXPECT_THROW_WITH(model.n_evaluations(), NotFittedError, text);
  EXPECT_THROW_WITH(model.t(), NotFittedError, text);
  EXPECT_THROW_WITH(model.n_layers(), NotFittedError, text);
  EXPECT_THROW_WITH(model.n_outputs(), NotFittedError, text);
  EXPECT_THROW_WITH(model.out_activation(), NotFittedError, text);
  EXPECT_THROW_WITH(model.n_features_in(), NotFittedError, text);
  EXPECT_THROW_WITH(model.feature_names_in(), NotFittedError, text);
  EXPECT_THROW_WITH(model.stop_reason(), NotFittedError, text);
  EXPECT_THROW_WITH(model.predict(Matrix<double>(1, 1)), NotFittedError, text);
  EXPECT_THROW_WITH(MLPClassifier().classes(), NotFittedError, "This MLPClassifier instance");
  EXPECT_THROW_WITH(MLPClassifier().predict_proba(Matrix<double>(1, 1)), NotFittedError,
                    "This MLPClassifier instance");
}

TEST(MLPBase, ACopyIsFittedAndIndependent) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier model({.hidden_layer_sizes = {3}, .max_iter = 3, .random_state = 1});
  model.fit(data.x, data.y);
  const MLPClassifier copy = model;
  const auto before = copy.predict_proba(data.x);
  model.set("random_state", std::int64_t{2}).fit(data.x, data.y);
  EXPECT_TRUE(test::same_bits(copy.predict_proba(data.x).values(), before.values()));
  EXPECT_NE(model.predict_proba(data.x), before);
}

TEST(MLPBase, FeatureNamesAreKept) {
  const auto data = test::golden_data_set("iris");
  const std::vector<std::string> names{"a", "b", "c", "d"}, too_few{"a"};
  MLPClassifier model({.hidden_layer_sizes = {3}, .max_iter = 1});
  model.fit(data.x, data.y, {.feature_names = names});
  EXPECT_EQ(model.feature_names_in(), names);
  EXPECT_EQ(model.n_features_in(), 4u);
  model.fit(data.x, data.y);
  EXPECT_TRUE(model.feature_names_in().empty());
  EXPECT_THROW_WITH(model.fit(data.x, data.y, {.feature_names = too_few}), std::invalid_argument,
                    "There are 1 feature names for 4 features.");
}

TEST(MLPBase, PredictionsCheckTheirSamples) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier model({.hidden_layer_sizes = {3}, .max_iter = 1});
  model.fit(data.x, data.y);
  EXPECT_THROW_WITH(model.predict(Matrix<double>(2, 3)), std::invalid_argument,
                    "X has 3 features, but MLPClassifier is expecting 4 features as input.");
  EXPECT_THROW_WITH(model.predict(Matrix<double>(1, 4, {1, 2, std::nan(""), 4})),
                    std::invalid_argument, "Input X contains NaN");
  EXPECT_THROW_WITH(model.predict(Matrix<double>(0, 4)), std::invalid_argument,
                    "Found array with 0 sample(s)");
  EXPECT_THROW_WITH(model.score(data.x, std::vector<int>{1}), std::invalid_argument,
                    "inconsistent numbers of samples: [150, 1]");
}

TEST(MLPBase, PredictionsFollowParametersThatWerePutIn) {
  const Matrix<double> x(2, 1, {1, 2});
  MLPRegressor model({.hidden_layer_sizes = {}, .max_iter = 1, .random_state = 1});
  model.fit(x, std::vector{1.0, 2.0});
  model.set_packed_parameters(std::vector{3.0, 0.5});
  EXPECT_EQ(model.predict(x).as_doubles(), (std::vector{3.5, 6.5}));
  EXPECT_THROW_WITH(model.set_packed_parameters(std::vector{1.0}), std::invalid_argument,
                    "has 2 weights and biases, got 1");
  EXPECT_THROW(MLPRegressor().set_packed_parameters(std::vector{1.0}), NotFittedError);
  EXPECT_EQ(MLPRegressor({.hidden_layer_sizes = {}})
                .start_from(1, 1, std::vector{2.0, 1.0})
                .predict(x)
                .as_doubles(),
            (std::vector{3.0, 5.0}));
}

TEST(MLPBase, WarnsAsScikitLearnDoes) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier model({.hidden_layer_sizes = {3}, .max_iter = 2, .random_state = 1});
  model.fit(data.x, data.y);
  EXPECT_EQ(model.fit_warning(),
            "Stochastic Optimizer: Maximum iterations (2) reached and the optimization hasn't "
            "converged yet.");
  EXPECT_EQ(model.no_improvement_count(), 0);
  model.set("solver", std::string("lbfgs")).fit(data.x, data.y);
  EXPECT_TRUE(test::contains(model.fit_warning(), "lbfgs failed to converge after 2 iteration(s)"));
  model.set("tol", 1e9).fit(data.x, data.y);
  EXPECT_EQ(model.fit_warning(), "");
}

TEST(MLPBase, AGivenGeneratorIsAdvanced) {
  const auto data = test::golden_data_set("iris");
  const auto generator = std::make_shared<RandomState>(7U);
  MLPClassifier model({.hidden_layer_sizes = {3}, .max_iter = 2, .random_state = 7});
  model.fit(data.x, data.y);
  const auto of_the_seed = model.packed_parameters();
  model.set_random_state(RandomSeed(generator));
  model.fit(data.x, data.y);
  EXPECT_EQ(model.packed_parameters(), of_the_seed);
  EXPECT_NE(generator->state(), RandomState(7U).state());
}

}  // namespace
}  // namespace skarma
