#include <skarma/model_selection/search/exhaustive_source.hpp>

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

ExhaustiveSource source_of(std::size_t n_candidates, std::size_t n_folds) {
  return {std::vector<ParamSet>(n_candidates), n_folds};
}

std::vector<Trial> next_trials(TrialSource& source, std::size_t most) {
  std::vector<Trial> trials(most);
  trials.resize(source.ask(trials));
  return trials;
}

FitResult took(double seconds) {
  FitResult result;
  result.fit_time = seconds;
  return result;
}

TEST(ExhaustiveSource, GoesCandidateByCandidate) {
  ExhaustiveSource source = source_of(2, 2);
  EXPECT_EQ(source.most_left(), 4u);
  EXPECT_EQ(next_trials(source, 3),
            (std::vector<Trial>{
                {.candidate = 0, .fold = 0}, {.candidate = 0, .fold = 1}, {.candidate = 1}}));
  EXPECT_EQ(source.most_left(), 1u);
  EXPECT_EQ(next_trials(source, 3), (std::vector<Trial>{{.candidate = 1, .fold = 1}}));
  EXPECT_EQ(source.most_left(), 0u);
  EXPECT_TRUE(next_trials(source, 3).empty());
}

TEST(ExhaustiveSource, StartsWithTheLongestAndLearnsFromTheTimes) {
  ExhaustiveSource source = source_of(3, 2);
  source.start_with_longest({4.0, 3.0, 2.0});
  const auto first = next_trials(source, 1).at(0);
  EXPECT_EQ(first.candidate, 0u);
  source.tell(first, took(10.0));
  next_trials(source, 1);
  const auto next = next_trials(source, 1).at(0);
  EXPECT_EQ(next.candidate, 1u);
  source.tell(next, took(1.0));  // a tenth of what was expected: the last one now
  EXPECT_EQ(next_trials(source, 2),
            (std::vector<Trial>{{.candidate = 2, .fold = 0}, {.candidate = 2, .fold = 1}}));
  EXPECT_EQ(next_trials(source, 9), (std::vector<Trial>{{.candidate = 1, .fold = 1}}));
}

TEST(ExhaustiveSource, LeavesOutWhatIsNotWanted) {
  for (const bool is_ordered : {false, true}) {
    ExhaustiveSource source = source_of(3, 2);
    if (is_ordered) source.start_with_longest({1.0, 1.0, 1.0});
    source.leave_out([](const Trial& trial) { return trial.candidate == 1 || trial.fold == 0; });
    EXPECT_EQ(next_trials(source, 1), (std::vector<Trial>{{.candidate = 0, .fold = 1}}));
    EXPECT_EQ(next_trials(source, 9), (std::vector<Trial>{{.candidate = 2, .fold = 1}}));
    EXPECT_EQ(source.most_left(), 0u);
  }
}

TEST(ExhaustiveSource, InRandomOrderGivesEachOnce) {
  ExhaustiveSource plain = source_of(20, 3);
  ExhaustiveSource source = source_of(20, 3);
  source.shuffle(1);
  source.start_with_longest(std::vector<double>(20, 1.0));  // which changes nothing
  const auto in_order = next_trials(plain, 60);
  const auto trials = next_trials(source, 60);
  EXPECT_NE(trials, in_order);
  EXPECT_TRUE(std::ranges::is_permutation(trials, in_order));
  ExhaustiveSource other = source_of(20, 3);
  other.shuffle(2);
  EXPECT_NE(next_trials(other, 60), trials);
}

TEST(ExhaustiveSource, TellingWithoutAnOrderChangesNothing) {
  ExhaustiveSource source = source_of(2, 1);
  const auto first = next_trials(source, 1).at(0);
  source.tell(first, took(1.0));
  EXPECT_EQ(next_trials(source, 9), (std::vector<Trial>{{.candidate = 1}}));
}

TEST(ExhaustiveSource, RefusesMoreFitsThanCanBeCounted) {
  const std::vector<ParamValue> values(std::size_t{1} << 16, 1.0);
  const ParameterGrid grid(ParamGrid{{"a", values}, {"b", values}, {"c", values}});
  EXPECT_EQ(ExhaustiveSource(grid, 1 << 15).most_left(), std::size_t{1} << 63);
  EXPECT_THROW_WITH(ExhaustiveSource(grid, 1 << 16), std::invalid_argument,
                    "more fits than can be");
}

TEST(ExhaustiveSource, HasTheCandidatesOfAGridOrAsTheyAreListed) {
  const ParameterGrid grid(ParamGrid{{"b", {0.1, 0.2}}, {"a", {1.0, 2.0}}});
  EXPECT_EQ(ExhaustiveSource(grid, 3).params(2), (ParamSet{{"a", 2.0}, {"b", 0.1}}));
  EXPECT_EQ(ExhaustiveSource(grid, 3).n_fits(), 12u);
  const ExhaustiveSource listed({{{"b", 1.0}, {"a", 2.0}}, {}}, 2);
  EXPECT_EQ(listed.params(0), (ParamSet{{"b", 1.0}, {"a", 2.0}}));
  EXPECT_EQ(listed.params(1), ParamSet{});
}

}  // namespace
}  // namespace skarma
