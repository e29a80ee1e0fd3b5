#include <skarma/core/base/fit_control.hpp>

#include <gtest/gtest.h>

namespace skarma {
namespace {

TEST(FitControl, StopReasonsHaveTheNamesOfTheirEnumerators) {
  EXPECT_EQ(to_string(StopReason::converged), "converged");
  EXPECT_EQ(to_string(StopReason::max_iter), "max_iter");
  EXPECT_EQ(to_string(StopReason::max_fun), "max_fun");
  EXPECT_EQ(to_string(StopReason::line_search_failed), "line_search_failed");
  EXPECT_EQ(to_string(StopReason::one_epoch), "one_epoch");
  EXPECT_EQ(to_string(StopReason::callback), "callback");
  EXPECT_EQ(to_string(StopReason::interrupted), "interrupted");
}

}  // namespace
}  // namespace skarma
