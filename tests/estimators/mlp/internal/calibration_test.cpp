#include <skarma/estimators/mlp/internal/calibration.hpp>

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace skarma {
namespace {

/// Four rows of one logit z, three of label 1: the log loss is least where logistic(z / T) = 3/4.
double temperature_of(double z) {
  Targets<double> targets;
  targets.values = {1, 1, 1, 0};
  return best_temperature(Matrix<double>(4, 1, std::vector<double>(4, z)), targets);
}

TEST(BestTemperature, IsWhereTheDerivativeIsZero) {
  for (const double expected : {0.01, 0.3, 0.5, 1.0, 2.0, 7.0, 400.0}) {
    EXPECT_NEAR(temperature_of(expected * std::log(3.0)) / expected, 1.0, 1e-9);
  }
}

/// Any step from there would be one to elsewhere.
TEST(BestTemperature, StaysWhereItBeginsIfThatIsRight) {
  EXPECT_EQ(temperature_of(std::log(3.0)), 1.0);
}

}  // namespace
}  // namespace skarma
