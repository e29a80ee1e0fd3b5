#include <skarma/estimators/estimator.hpp>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace skarma
