#include <skarma/cli/options/cv_option.hpp>

#include <gtest/gtest.h>

#include <skarma/model_selection/leave_one_out.hpp>
#include <skarma/model_selection/repeated_splitters.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma::cli {
namespace {

Target example_target() {
  std::vector<int> y;
  for (int i = 0; i < 40; ++i) y.push_back(i % 3 == 0 ? 1 : 0);
  return Target(y);
}

std::vector<TrainTest> splits(std::string_view text, bool for_classifier = true) {
  const Target y = example_target();
  return parse_cv(text).splitter(for_classifier, y)->split(y.n_samples(), y);
}

std::vector<TrainTest> splits_of(const Splitter& splitter) {
  const Target y = example_target();
  return splitter.split(y.n_samples(), y);
}

TEST(CvOption, ANumberIsStratifiedForAClassifier) {
  EXPECT_EQ(splits("4"), splits_of(StratifiedKFold(4)));
  EXPECT_EQ(splits("4", false), splits_of(KFold(4)));
}

TEST(CvOption, EverySplitterByName) {
  EXPECT_EQ(splits("kfold(4)"), splits_of(KFold(4)));
  EXPECT_EQ(splits("kfold"), splits_of(KFold(5)));
  EXPECT_EQ(splits("kfold(n_splits=3, shuffle=True, seed=7)"),
            splits_of(KFold(3, {.shuffle = true, .random_state = 7})));
  EXPECT_EQ(splits("stratified(3,shuffle=true,random_state=7)", false),
            splits_of(StratifiedKFold(3, {.shuffle = true, .random_state = 7})));
  EXPECT_EQ(splits("shuffle(2, test_size=0.25, random_state=1)"),
            splits_of(ShuffleSplit(2, {.test_size = 0.25, .random_state = 1})));
  EXPECT_EQ(
      splits("stratified_shuffle(2, test_size=10, train_size=20, seed=1)"),
      splits_of(StratifiedShuffleSplit(
          2, {.test_size = std::size_t{10}, .train_size = std::size_t{20}, .random_state = 1})));
  EXPECT_EQ(splits("repeated_kfold(3, n_repeats=2, seed=7)"),
            splits_of(RepeatedKFold(3, {.n_repeats = 2, .random_state = 7})));
  EXPECT_EQ(splits("repeated_stratified(n_repeats=2, random_state=7)", false),
            splits_of(RepeatedStratifiedKFold(5, {.n_repeats = 2, .random_state = 7})));
  EXPECT_EQ(splits("repeated_kfold").size(), 50U);
  EXPECT_EQ(splits("leave_one_out"), splits_of(LeaveOneOut()));
  EXPECT_EQ(splits("leave_one_out()"), splits_of(LeaveOneOut()));
}

TEST(CvOption, MistakesGetTheNearestWord) {
  const auto fails = [](std::string_view text, const std::string& part) {
    EXPECT_THROW_WITH(splits(text), std::invalid_argument, part);
  };
  fails("five", "a number of folds or a splitter");
  fails("kfld", "Did you mean 'kfold'?");
  fails("kfld(3)", "Did you mean 'kfold'?");
  fails("kfold(3", "no closing ')'");
  fails("kfold(3,sufle=True)", "Did you mean 'shuffle'?");
  fails("kfold(shuffle=7)", "shuffle must be True or False; got 7");
  fails("kfold(two)", "n_splits must be a whole number; got 'two'");
  fails("shuffle(3,test_size=big)", "test_size must be a fraction");
  fails("leave_one_oot", "Did you mean 'leave_one_out'?");
  fails("leave_one_out(3)", "leave_one_out has no argument 'n_splits'.");
  fails("repeated_kfold(3, n_repeat=2)", "Did you mean 'n_repeats'?");
  fails("repeated_kfold(3, n_repeats=0)", "Number of repetitions must be greater than 0.");
  fails("repeated_stratified(1)", "n_splits=2 or more, got n_splits=1");
  fails("1", "cv");
  fails("-3", "cv");
  fails("99999999999999", "n_splits");
  fails("", "a number of folds");
}

TEST(FewMembers, AClassWithFewerMembersThanFolds) {
  const Target y(std::vector{0, 0, 0, 0, 0, 1, 1});
  const auto warning = [&](const char* cv) {
    return few_members_warning(*parse_cv(cv).splitter(true, y), y);
  };
  EXPECT_EQ(warning("5"),
            "The least populated class in y has only 2 members, which is less than n_splits=5.");
  EXPECT_EQ(warning("repeated_stratified(3, n_repeats=2)"),
            "The least populated class in y has only 2 members, which is less than n_splits=3.");
  EXPECT_EQ(warning("2"), "");
  EXPECT_EQ(warning("kfold(5)"), "");
}

}  // namespace
}  // namespace skarma::cli
