#include <skarma/core/net/plan.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/networks.hpp>

namespace skarma {
namespace {

using Buffer = std::optional<BufferId>;

TEST(Plan, JoinsAnActivationToItsLayer) {
  const Plan plan(test::network({4, 3, 2, 1}, "tanh", "squared_error"));
  ASSERT_EQ(plan.steps.size(), 3u);
  EXPECT_EQ(plan.widths, (std::vector<std::size_t>{3, 2, 1}));
  for (const BufferId i : {0, 1, 2}) {
    EXPECT_EQ(plan.steps[i].input, i == 0 ? Buffer() : Buffer(i - 1));
    EXPECT_EQ(plan.steps[i].output, i);
    EXPECT_EQ(plan.steps[i].preactivation, Buffer());
    EXPECT_EQ(plan.steps[i].activation, i < 2 ? find_activation("tanh") : nullptr);
  }
}

/// The next layer reads the activation; its derivative is taken through what went into it.
TEST(Plan, KeepsWhatADerivativeIsTakenThrough) {
  const Plan plan(test::network({4, 3, 1}, "gelu", "squared_error"));
  EXPECT_EQ(plan.widths, (std::vector<std::size_t>{3, 3, 1}));
  EXPECT_EQ(plan.steps[0].preactivation, Buffer(0));
  EXPECT_EQ(plan.steps[0].output, 1u);
  EXPECT_EQ(plan.steps[1].input, Buffer(1));
  EXPECT_EQ(plan.steps[1].output, 2u);
}

}  // namespace
}  // namespace skarma
