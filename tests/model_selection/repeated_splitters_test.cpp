#include <skarma/model_selection/repeated_splitters.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

// scikit-learn's row numbers are compared in splitters_test.cpp.

TEST(RepeatedKFold, DrawsOtherFoldsEachTimeAndTheSameForTheSameSeed) {
  const Target y(std::vector<int>{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1});
  const RepeatedKFold folds(3, {.n_repeats = 2, .random_state = 5});
  const auto splits = folds.split(12, y);
  ASSERT_EQ(splits.size(), 6U);
  EXPECT_NE(splits[0].test, splits[3].test);
  EXPECT_EQ(folds.split(12, y), splits);
  EXPECT_EQ(RepeatedKFold().n_splits(12), 50U);
  EXPECT_EQ(RepeatedStratifiedKFold(2, {.n_repeats = 4}).n_splits(12), 8U);
}

TEST(RepeatedKFold, RefusesWhatCannotBeCut) {
  using Invalid = std::invalid_argument;
  const Target y(std::vector<int>{0, 0, 1});
  EXPECT_THROW_WITH(RepeatedKFold(1), Invalid, "n_splits=2 or more, got n_splits=1");
  EXPECT_THROW_WITH(RepeatedStratifiedKFold(2, {.n_repeats = -1}), Invalid, "greater than 0");
  EXPECT_THROW_WITH(RepeatedKFold(4).split(3, y), Invalid, "n_splits=4 greater than the number");
  EXPECT_THROW_WITH(RepeatedStratifiedKFold(3).split(3, y), Invalid, "members in each class");
}

}  // namespace
}  // namespace skarma
