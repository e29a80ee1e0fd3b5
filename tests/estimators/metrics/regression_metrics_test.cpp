#include <skarma/estimators/metrics/regression_metrics.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include <skarma/estimators/metrics/metrics.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(RegressionMetrics, AreScikitLearns) {
  const auto& golden = test::golden("metrics");
  const auto truth = test::matrix(golden["target"]);
  const auto predicted = test::matrix(golden["prediction"]);
  const MatrixView<const double> truth_0(truth.data(), truth.rows(), 1, truth.cols());
  const MatrixView<const double> predicted_0(predicted.data(), truth.rows(), 1, truth.cols());
  const std::vector<double> none;
  const auto weights = test::numbers(golden["regression_weight"]);
  for (const auto& [suffix, w] : {std::pair{"", none}, std::pair{"_weighted_samples", weights}}) {
    const auto expected = [&](const std::string& name) {
      return -test::number(golden["values"]["neg_" + name + suffix]);
    };
    EXPECT_TRUE(test::close(mean_squared_error(truth, predicted, w), expected("mean_squared_error"),
                            1e-14));
    EXPECT_TRUE(test::close(root_mean_squared_error(truth, predicted, w),
                            expected("root_mean_squared_error"), 1e-14));
    EXPECT_TRUE(test::close(mean_absolute_error(truth, predicted, w),
                            expected("mean_absolute_error"), 1e-14));
    EXPECT_TRUE(test::close(mean_poisson_deviance(truth_0, predicted_0, w),
                            expected("mean_poisson_deviance_column0"), 1e-13));
  }
}

TEST(RegressionMetrics, ThePoissonDevianceHasADomain) {
  const Matrix<double> zero(1, 1, {0.0});
  const Matrix<double> one(1, 1, {1.0});
  EXPECT_EQ(mean_poisson_deviance(zero, one), 2.0);  // 0 log 0 = 0
  EXPECT_THROW_WITH(mean_poisson_deviance(one, zero), std::invalid_argument, "strictly positive");
  EXPECT_THROW_WITH(mean_poisson_deviance(Matrix<double>(1, 2), Matrix<double>(1, 2)),
                    std::invalid_argument, "Multioutput not supported");
}

TEST(RegressionMetrics, WeightsThatAreAllZeroAreRefused) {
  const Matrix<double> truth(2, 1, {1.0, 2.0});
  const std::vector<double> zeros(2);
  for (auto* metric :
       {mean_squared_error, root_mean_squared_error, mean_absolute_error, r2_score}) {
    EXPECT_THROW_WITH(metric(truth, truth, zeros), std::invalid_argument, "at least one non-zero");
  }
}

TEST(RegressionMetrics, PredictionsThatAreNotFiniteHaveNoFigure) {
  const Matrix<double> truth(2, 1, {1.0, 2.0});
  for (auto* metric :
       {mean_squared_error, root_mean_squared_error, mean_absolute_error, r2_score}) {
    const Matrix<double> nan(2, 1, {1.0, std::nan("")});
    EXPECT_THROW_WITH(metric(truth, nan, {}), std::invalid_argument, "Input contains NaN.");
    const Matrix<double> infinite(2, 1, {1.0, -HUGE_VAL});
    EXPECT_THROW_WITH(metric(truth, infinite, {}), std::invalid_argument, "contains infinity");
  }
}

}  // namespace
}  // namespace skarma
