#include <skarma/core/engine/choose_device.hpp>

#include <gtest/gtest.h>

namespace skarma {
namespace {

bool yes() { return true; }
bool no() { return false; }

/// 5e7 floating-point operations a step.
FitWork large() {
  return {.layer_units = {1000, 50}, .n_samples = 10000, .batch_size = 1000 / 6 + 1};
}

TEST(ChooseDevice, CountsTheOperationsOfAStep) {
  const FitWork work{.layer_units = {4, 3, 2}, .n_samples = 100, .batch_size = 10};
  EXPECT_EQ(flops_per_step(work), 6.0 * (4 * 3 + 3 * 2) * 10);
}

TEST(ChooseDevice, HasNoMoreRowsInAStepThanThereAre) {
  const FitWork work{.layer_units = {4, 3}, .n_samples = 7, .batch_size = 200};
  EXPECT_EQ(flops_per_step(work), 6.0 * 12 * 7);
}

TEST(ChooseDevice, CountsFitsThatTakeAStepTogether) {
  const FitWork work{.layer_units = {4, 3}, .n_samples = 7, .batch_size = 5, .n_fits = 40};
  EXPECT_EQ(flops_per_step(work), 6.0 * 12 * 5 * 40);
}

TEST(ChooseDevice, TakesTheGpuForLargeSteps) {
  EXPECT_GE(flops_per_step(large()), kLeastFlopsOnGpu);
  EXPECT_EQ(choose_device(large(), yes), "cuda:0");
  FitWork smaller = large();
  smaller.batch_size -= 1;
  EXPECT_LT(flops_per_step(smaller), kLeastFlopsOnGpu);
  EXPECT_EQ(choose_device(smaller, yes), "cpu");
  smaller.n_fits = 2;
  EXPECT_EQ(choose_device(smaller, yes), "cuda:0");
}

TEST(ChooseDevice, TakesTheProcessorWhereThereIsNoGpu) {
  EXPECT_EQ(choose_device(large(), no), "cpu");
}

TEST(ChooseDevice, LooksForNoGpuWithoutAReason) {
  bool asked = false;
  const FitWork small{.layer_units = {4, 100, 3}, .n_samples = 150, .batch_size = 150};
  EXPECT_EQ(choose_device(small, [&] { return asked = true; }), "cpu");
  EXPECT_FALSE(asked);
}

}  // namespace
}  // namespace skarma
