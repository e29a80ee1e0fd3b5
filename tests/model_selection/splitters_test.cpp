#include <skarma/model_selection/splitters.hpp>

#include <gtest/gtest.h>

#include <algorithm>

#include <skarma/model_selection/group_k_fold.hpp>
#include <skarma/model_selection/leave_one_out.hpp>
#include <skarma/model_selection/repeated_splitters.hpp>
#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::Json;

PartSize part_size(const Json& value) {
  if (value.is_number_float()) return value.get<double>();
  return value.get<std::size_t>();
}

CrossValidation splitter_of(const Json& c) {
  const std::string name = c["splitter"];
  const int n_splits = c.value("n_splits", 1);
  const RandomSeed seed =
      c.contains("random_state") ? RandomSeed(c["random_state"].get<std::int64_t>()) : RandomSeed();
  const FoldOptions folds{c.value("shuffle", false), seed};
  if (name == "KFold") return KFold(n_splits, folds);
  if (name == "StratifiedKFold") return StratifiedKFold(n_splits, folds);
  if (name == "GroupKFold") return GroupKFold(n_splits, folds);
  if (name == "LeaveOneOut") return LeaveOneOut();
  const RepeatOptions repeats{c.value("n_repeats", 0), seed};
  if (name == "RepeatedKFold") return RepeatedKFold(n_splits, repeats);
  if (name == "RepeatedStratifiedKFold") return RepeatedStratifiedKFold(n_splits, repeats);
  const ShuffleOptions shuffle{part_size(c["test_size"]), std::nullopt, seed};
  if (name == "StratifiedShuffleSplit") return StratifiedShuffleSplit(n_splits, shuffle);
  return ShuffleSplit(n_splits, shuffle);  // train_test_split is one repetition of it
}

Target target_of(const Json& c) {
  if (c.contains("y")) return test::ints(test::golden("splits")[c["y"].get<std::string>()]);
  return std::vector<int>(c["n"].get<std::size_t>(), 0);
}

Groups groups_of(const Json& c) {
  if (!c.contains("groups")) return {};
  const Json& groups = test::golden("splits")[c["groups"].get<std::string>()];
  if (groups[0].is_string()) return groups.get<std::vector<std::string>>();
  return groups.get<std::vector<int>>();
}

TEST(Splitters, GiveScikitLearnsRowNumbers) {
  for (const Json& c : test::golden("splits")["cases"]) {
    SCOPED_TRACE(c["splitter"].get<std::string>() + " of seed " +
                 (c.contains("random_state") ? c["random_state"].dump() : "none"));
    const Target y = target_of(c);
    const auto splitter = splitter_of(c).splitter(true, y);
    const auto splits = splitter->split(y.n_samples(), y, groups_of(c));
    ASSERT_EQ(splits.size(), c["splits"].size());
    EXPECT_EQ(splitter->n_splits(y.n_samples()), splits.size());
    EXPECT_EQ(splitter->splits(y.n_samples(), y, groups_of(c)).all(), splits);
    for (std::size_t i = 0; i < splits.size(); ++i) {
      EXPECT_EQ(splits[i].train, c["splits"][i]["train"].get<std::vector<RowIndex>>());
      EXPECT_EQ(splits[i].test, c["splits"][i]["test"].get<std::vector<RowIndex>>());
    }
  }
}

TEST(TrainTestSplit, IsOneRepetitionOfShuffleSplit) {
  for (const Json& c : test::golden("splits")["cases"]) {
    if (c["splitter"] != "train_test_split") continue;
    const auto split =
        train_test_split(target_of(c), {.test_size = part_size(c["test_size"]),
                                        .random_state = c["random_state"].get<std::int64_t>()});
    EXPECT_EQ(split.train, c["splits"][0]["train"].get<std::vector<RowIndex>>());
    EXPECT_EQ(split.test, c["splits"][0]["test"].get<std::vector<RowIndex>>());
  }
}

TEST(TrainTestSplit, StratifiesOnRequest) {
  const Target y(std::vector<int>{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1});
  const auto split = train_test_split(y, {.test_size = 0.5, .random_state = 3, .stratify = true});
  const auto ones =
      std::count_if(split.test.begin(), split.test.end(), [](RowIndex row) { return row >= 6; });
  EXPECT_EQ(ones, 3);
}

TEST(CrossValidation, StratifiesForClassifiersWithOneLabelOnly) {
  const Target labels(std::vector<int>{0, 0, 0, 1, 1, 1});
  const auto stratified = CrossValidation(3).splitter(true, labels)->split(6, labels);
  EXPECT_EQ(stratified[0].test, (std::vector<RowIndex>{0, 3}));
  const auto plain = CrossValidation(3).splitter(false, labels)->split(6, labels);
  EXPECT_EQ(plain[0].test, (std::vector<RowIndex>{0, 1}));
  const Target multilabel(Matrix<int>(4, 2, {0, 1, 1, 0, 1, 1, 0, 0}));
  const auto folds = CrossValidation(2).splitter(true, multilabel)->split(4, multilabel);
  EXPECT_EQ(folds[0].test, (std::vector<RowIndex>{0, 1}));
}

TEST(Splitters, RefuseWhatCannotBeCut) {
  const Target y(std::vector<int>{0, 0, 1});
  const Target real(std::vector<double>{0.5, 1.5, 2.5});
  using Invalid = std::invalid_argument;
  EXPECT_THROW_WITH(KFold(1), Invalid, "setting n_splits=2 or more, got n_splits=1");
  EXPECT_THROW_WITH(KFold(4).split(3, y), Invalid,
                    "n_splits=4 greater than the number of samples: n_samples=3");
  EXPECT_THROW_WITH(KFold(2, {.random_state = 1}), Invalid, "since shuffle is False");
  EXPECT_THROW_WITH(StratifiedKFold(3).split(3, y), Invalid,
                    "n_splits=3 cannot be greater than the number of members in each class");
  EXPECT_THROW_WITH(StratifiedKFold(2).split(3, real), Invalid, "one label a sample");
  EXPECT_THROW_WITH(StratifiedShuffleSplit(1).split(3, real), Invalid, "one label a sample");
  EXPECT_THROW_WITH(ShuffleSplit(0), Invalid, "at least 1, got 0");
  EXPECT_THROW_WITH(ShuffleSplit(1, {.test_size = 1.5}).split(3, y), Invalid,
                    "test_size=1.5 should be either positive and smaller than the number of "
                    "samples 3 or a float in the (0, 1) range");
  EXPECT_THROW_WITH(FoldList({}), Invalid, "at least one fold");
  EXPECT_THROW_WITH(FoldList({{{0, 1}, {}}}), Invalid, "Fold 0 of the list has no test rows");
  EXPECT_THROW_WITH(FoldList({{{0, 7}, {1}}}).split(3, y), Invalid, "row 7");
  EXPECT_THROW_WITH(CrossValidation(1), Invalid, "Got 1 instead");
}

}  // namespace
}  // namespace skarma
