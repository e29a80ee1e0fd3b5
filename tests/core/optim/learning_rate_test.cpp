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

TEST(LearningRate, ASetRateIsWhereAScheduleGoesOn) {
  LearningRate rate{"exponential(factor=0.5)", 0.4};
  rate.start(10);
  rate.after_epoch(1);
  EXPECT_DOUBLE_EQ(rate.current, 0.2);
  rate.set(0.02);
  EXPECT_DOUBLE_EQ(rate.current, 0.02);
  rate.after_epoch(2);
  EXPECT_DOUBLE_EQ(rate.current, 0.01);
  LearningRate constant{"constant", 0.4};
  constant.set(0.3);
  constant.after_epoch(1);
  EXPECT_DOUBLE_EQ(constant.current, 0.3);
}

}  // namespace
}  // namespace skarma
