#include <skarma/estimators/preprocessing/robust_scaler.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(RobustScaler, AnOutlierHasNoSay) {
  RobustScaler scaler;
  scaler.fit(Matrix<double>(5, 1, {1, 2, 3, 4, 1e9}));
  EXPECT_EQ(scaler.center(), std::vector<double>{3});
  EXPECT_EQ(scaler.scale(), std::vector<double>{2});
}

/// A constant column would be divided by 0.
TEST(RobustScaler, AConstantColumnIsMovedToZero) {
  RobustScaler scaler;
  EXPECT_EQ(scaler.fit_view(Matrix<double>(3, 1, {7, 7, 7})).gathered<double>(),
            Matrix<double>(3, 1));
}

/// Halves of a standard normal variable's range: 1.349 between the quartiles.
TEST(RobustScaler, UnitVarianceMeansThatOfANormalVariable) {
  RobustScaler scaler({.unit_variance = true});
  scaler.fit(Matrix<double>(5, 1, {-1, -0.6744897501960817, 0, 0.6744897501960817, 1}));
  EXPECT_TRUE(test::close(scaler.scale(), std::vector<double>{1.0}, 1e-15));
}

TEST(RobustScaler, Mistakes) {
  const Matrix<double> x(2, 1, {1, 2});
  EXPECT_THROW_WITH(RobustScaler({.quantile_low = 80, .quantile_high = 20}).fit(x),
                    std::invalid_argument, "Invalid quantile range of RobustScaler: (80, 20)");
  EXPECT_THROW_WITH(RobustScaler({.quantile_high = 101}).validate(), std::invalid_argument,
                    "must be a float in the range [0.0, 100.0]. Got 101.0");
  EXPECT_THROW_WITH(RobustScaler({.quantile_low = 0, .unit_variance = true}).fit(x),
                    std::invalid_argument, "needs quantiles between 0 and 100");
  EXPECT_NO_THROW(RobustScaler({.quantile_low = 0}).fit(x));
  EXPECT_THROW_WITH(RobustScaler().set("unit_varianze", true), std::invalid_argument,
                    "Did you mean 'unit_variance'?");
}

}  // namespace
}  // namespace skarma
