#include <skarma/estimators/holdout.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::Json;

PartSize size_of(const Json& value) {
  if (value.is_number_integer()) return value.get<std::size_t>();
  return value.get<double>();
}

TrainTest pair_of(const Json& split) {
  return {split.at("train").get<std::vector<RowIndex>>(),
          split.at("test").get<std::vector<RowIndex>>()};
}

/// The integers 0, 1, ... as classes, and the codes of a golden label list.
struct Labels {
  explicit Labels(const std::string& name)
      : codes(test::golden("splits").at(name).get<std::vector<std::int32_t>>()) {
    for (const std::int32_t code : codes) {
      while (static_cast<std::size_t>(code) >= classes.size()) {
        classes.push_back(static_cast<std::int64_t>(classes.size()));
      }
    }
  }
  std::vector<std::int32_t> codes;
  std::vector<std::int64_t> classes;
};

TEST(Holdout, ShuffleSplitsAreScikitLearns) {
  int n_cases = 0;
  for (const Json& one : test::golden("splits").at("cases")) {
    const std::string name = one.at("splitter");
    if (name != "train_test_split" && name != "ShuffleSplit") continue;
    RandomState random_state(one.at("random_state").get<std::uint32_t>());
    const std::size_t n = one.at("n");
    for (const Json& split : one.at("splits")) {
      const auto sizes = part_sizes(n, size_of(one.at("test_size")));
      EXPECT_EQ(shuffle_split(n, sizes, random_state), pair_of(split)) << one.dump();
      ++n_cases;
    }
  }
  EXPECT_EQ(n_cases, 20);
}

TEST(Holdout, StratifiedShuffleSplitsAreScikitLearns) {
  int n_cases = 0;
  for (const Json& one : test::golden("splits").at("cases")) {
    if (one.at("splitter") != "StratifiedShuffleSplit") continue;
    RandomState random_state(one.at("random_state").get<std::uint32_t>());
    const Labels y(one.at("y"));
    for (const Json& split : one.at("splits")) {
      const auto sizes = part_sizes(y.codes.size(), size_of(one.at("test_size")));
      EXPECT_EQ(stratified_shuffle_split(y.codes, y.classes, sizes, random_state), pair_of(split))
          << one.dump();
      ++n_cases;
    }
  }
  EXPECT_EQ(n_cases, 12);
}

TEST(Holdout, ApproximateModeIsScikitLearns) {
  for (const Json& one : test::golden("rng").at("approximate_mode")) {
    RandomState random_state(one.at("seed").get<std::uint32_t>());
    EXPECT_EQ(approximate_mode(one.at("class_counts").get<std::vector<std::size_t>>(),
                               one.at("n_draws"), random_state),
              one.at("result").get<std::vector<std::size_t>>())
        << one.dump();
  }
}

/// 0.07 * 100 is 7.000000000000001 in double: 8 test samples, as scikit-learn has it.
TEST(Holdout, SizesRoundAsScikitLearnsDo) {
  EXPECT_EQ(part_sizes(100, 0.07).test, 8u);
  EXPECT_EQ(part_sizes(100, 0.07).train, 92u);
  EXPECT_EQ(part_sizes(10, 0.25, 0.55).train, 5u);
  EXPECT_EQ(part_sizes(10, 0.25, 0.55).test, 3u);
  EXPECT_EQ(part_sizes(10, std::size_t{4}).train, 6u);
  EXPECT_EQ(part_sizes(10, std::size_t{4}, std::size_t{2}).train, 2u);
}

TEST(Holdout, ImpossibleSizes) {
  const std::string range =
      " should be either positive and smaller than the number of samples 10 or a float in the "
      "(0, 1) range";
  EXPECT_THROW_WITH(part_sizes(10, 0.0), std::invalid_argument, "test_size=0.0" + range);
  EXPECT_THROW_WITH(part_sizes(10, 1.0), std::invalid_argument, "test_size=1.0" + range);
  EXPECT_THROW_WITH(part_sizes(10, std::size_t{10}), std::invalid_argument, "test_size=10" + range);
  EXPECT_THROW_WITH(part_sizes(10, 0.5, std::size_t{0}), std::invalid_argument,
                    "train_size=0" + range);
  EXPECT_THROW_WITH(part_sizes(10, 0.5, 0.6), std::invalid_argument, "The sum of train_size and");
  EXPECT_THROW_WITH(part_sizes(1, 0.5), std::invalid_argument,
                    "the resulting train set will be empty");
}

TEST(Holdout, StratifyingNeedsTwoMembersAndRoomForEveryClass) {
  RandomState random_state(0);
  const Classes names = std::vector<std::string>{"a", "b"};
  const std::vector<std::int32_t> lonely{0, 0, 0, 1}, even{0, 0, 1, 1};
  EXPECT_THROW_WITH(stratified_shuffle_split(lonely, names, {2, 2}, random_state),
                    std::invalid_argument, "Classes with too few members are: ['b']");
  EXPECT_THROW_WITH(stratified_shuffle_split(even, names, {3, 1}, random_state),
                    std::invalid_argument,
                    "The test_size = 1 should be greater or equal to the number of classes = 2");
  EXPECT_THROW_WITH(stratified_shuffle_split(even, names, {1, 3}, random_state),
                    std::invalid_argument, "The train_size = 1 should be");
}

}  // namespace
}  // namespace skarma
