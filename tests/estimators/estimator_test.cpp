#include <skarma/estimators/estimator.hpp>

#include <gtest/gtest.h>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(Estimator, ARegressorHasNoProbabilities) {
  const MLPRegressor model;
  const Estimator& estimator = model;
  EXPECT_THROW_WITH(estimator.predict_proba(Matrix<double>(1, 1)), std::invalid_argument,
                    "MLPRegressor does not predict probabilities");
}

TEST(Estimator, SaysWhatComputesItAndWhetherItsGeneratorIsShared) {
  const auto shared = std::make_shared<RandomState>(1);
  const MLPClassifier classifier({.random_state = shared, .device = "reference"});
  const MLPRegressor regressor({.random_state = 1});
  EXPECT_EQ(classifier.device(), "reference");
  EXPECT_EQ(regressor.device(), "cpu");
  EXPECT_TRUE(classifier.shares_random_state());
  EXPECT_FALSE(regressor.shares_random_state());
}

}  // namespace
}  // namespace skarma
