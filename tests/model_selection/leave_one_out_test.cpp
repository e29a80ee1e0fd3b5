#include <skarma/model_selection/leave_one_out.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

// scikit-learn's row numbers are compared in splitters_test.cpp.

TEST(LeaveOneOut, TestsEverySampleOnce) {
  const Target y(std::vector<int>(4, 0));
  const auto splits = LeaveOneOut().split(4, y);
  ASSERT_EQ(splits.size(), LeaveOneOut().n_splits(4));
  EXPECT_EQ(splits[2].test, (std::vector<RowIndex>{2}));
  EXPECT_EQ(splits[2].train, (std::vector<RowIndex>{0, 1, 3}));
  EXPECT_THROW_WITH(LeaveOneOut().split(1, std::vector<int>{0}), std::invalid_argument,
                    "Cannot perform LeaveOneOut with n_samples=1.");
}

}  // namespace
}  // namespace skarma
