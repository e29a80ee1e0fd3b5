#include <skarma/estimators/preprocessing/internal/normal_quantile.hpp>

#include <cmath>

#include <gtest/gtest.h>

namespace skarma {
namespace {

/// SciPy's stats.norm.ppf.
TEST(NormalQuantile, IsTheInverseOfTheDistribution) {
  EXPECT_DOUBLE_EQ(normal_quantile(0.25), -0.6744897501960817);
  EXPECT_DOUBLE_EQ(normal_quantile(0.75), 0.6744897501960817);
  EXPECT_DOUBLE_EQ(normal_quantile(0.975), 1.959963984540054);
  EXPECT_DOUBLE_EQ(normal_quantile(0.001), -3.090232306167813);
  EXPECT_DOUBLE_EQ(normal_quantile(1e-10), -6.361340902404056);
  EXPECT_NEAR(normal_quantile(0.5), 0.0, 1e-16);
  EXPECT_EQ(normal_quantile(0.0), -HUGE_VAL);
  EXPECT_EQ(normal_quantile(1.0), HUGE_VAL);
}

}  // namespace
}  // namespace skarma
