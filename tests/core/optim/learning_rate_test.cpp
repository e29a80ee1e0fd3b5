#include <skarma/core/optim/learning_rate.hpp>

#include <cmath>

#include <gtest/gtest.h>

namespace skarma {
namespace {

TEST(LearningRate, ConstantStaysAndAgreesToStop) {
  LearningRate rate{"constant", 0.3};
  rate.after_epoch(1000);
  EXPECT_EQ(rate.current, 0.3);
  EXPECT_TRUE(rate.agrees_to_stop());
}

/// Spec 2.7: learning_rate_init / (t + 1)^power_t, where t counts samples.
TEST(LearningRate, InvscalingCountsSamplesPlusOne) {
  LearningRate rate{"invscaling", 0.2, 0.4};
  EXPECT_EQ(rate.current, 0.2);
  rate.after_epoch(60);
  EXPECT_DOUBLE_EQ(rate.current, 0.2 / std::pow(61.0, 0.4));
  rate.after_epoch(120);
  EXPECT_DOUBLE_EQ(rate.current, 0.2 / std::pow(121.0, 0.4));
  EXPECT_TRUE(rate.agrees_to_stop());
}

/// The limit of 1e-6 is tested before the division.
TEST(LearningRate, AdaptiveDividesByFiveUntilAMillionth) {
  LearningRate rate{"adaptive", 1e-5};
  rate.after_epoch(1000);
  EXPECT_EQ(rate.current, 1e-5);
  EXPECT_FALSE(rate.agrees_to_stop());
  EXPECT_DOUBLE_EQ(rate.current, 2e-6);
  EXPECT_FALSE(rate.agrees_to_stop());
  EXPECT_DOUBLE_EQ(rate.current, 4e-7);
  EXPECT_TRUE(rate.agrees_to_stop());
  EXPECT_DOUBLE_EQ(rate.current, 4e-7);
  LearningRate at_the_limit{"adaptive", 1e-6};
  EXPECT_TRUE(at_the_limit.agrees_to_stop());
}

}  // namespace
}  // namespace skarma
