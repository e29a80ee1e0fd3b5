#include <skarma/model_selection/splitter.hpp>

#include <gtest/gtest.h>

#include <skarma/model_selection/splitters.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(Groups, AreCountedInTheirSortedOrder) {
  const Groups numbers(std::vector<int>{7, -1, 7, 3});
  EXPECT_EQ(numbers.codes(), (std::vector<std::int32_t>{2, 0, 2, 1}));
  EXPECT_EQ(numbers.n_groups(), 3U);
  const Groups names(std::vector<std::string>{"b", "a", "b"});
  EXPECT_EQ(names.codes(), (std::vector<std::int32_t>{1, 0, 1}));
  EXPECT_TRUE(Groups().empty());
}

TEST(Splitter, IgnoresGroupsThatItDoesNotTakeButForTheirNumber) {
  const Target y(std::vector<int>{0, 1, 0, 1});
  const KFold folds(2);
  EXPECT_EQ(folds.split(4, y, std::vector<int>{1, 1, 1, 1}), folds.split(4, y));
  EXPECT_THROW_WITH(folds.split(4, y, std::vector<int>{1, 2, 3}), std::invalid_argument,
                    "There are 3 groups for 4 samples");
}

TEST(Splits, AreWrittenOutAsTheyWereAdded) {
  const std::vector<TrainTest> added = {
      {{0, 2, 3}, {1, 4}},  // all others train
      {{2, 0, 3}, {1, 4}}, {{0, 2, 3}, {4, 1}}, {{0, 2}, {1, 4}},
      {{0, 1, 2}, {1, 4}}, {{1, 2, 3, 4}, {0}}, {{0}, {1, 2, 3, 4}},
  };
  Splits splits(5);
  for (const TrainTest& split : added) splits.add(split);
  EXPECT_EQ(splits.all(), added);
  Splits more(5);
  more.add_test({2});
  splits.append(more);
  EXPECT_EQ(splits.size(), added.size() + 1);
  EXPECT_EQ(splits[added.size()], (TrainTest{{0, 1, 3, 4}, {2}}));
}

TEST(Splits, AreOfTheirSamplesAlone) {
  Splits splits(5);
  EXPECT_THROW(splits.add_test({3, 5}), std::logic_error);
  EXPECT_THROW(splits.add_test({3, 1}), std::logic_error);
  EXPECT_THROW(splits.add_test({1, 1}), std::logic_error);
  EXPECT_THROW(splits.append(Splits(4)), std::logic_error);
  EXPECT_EQ(splits.size(), 0u);
}

}  // namespace
}  // namespace skarma
