// What becomes of work where the system starts no more threads.
#include <algorithm>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/cpu/cpu_engine.hpp>
#include <skarma/core/parallel/spare_threads.hpp>
#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/core/parallel/thread_team.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/tests/allocation/thread_starts.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

/// Whether the first of a sample's values is positive.
Target signs_of(const Matrix<double>& x) {
  std::vector<int> labels;
  for (std::size_t i = 0; i < x.rows(); ++i) labels.push_back(x(i, 0) > 0);
  return labels;
}

class RefusedThreads : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    test::n_thread_starts = 0;
    test::n_allowed_threads = GetParam();
  }
  void TearDown() override { test::n_allowed_threads = -1; }
};

TEST_P(RefusedThreads, EveryJobIsDoneByThoseThatThereAre) {
  std::vector<int> done(100);
  SpareThreads spare(done.size(), 4, 64);
  run_jobs(
      done.size(), 4,
      [&](std::size_t i) {
        ThreadTeam team(1, &spare);
        team.run(3, [](std::size_t) {});
        ++done[i];
      },
      {}, &spare);
  EXPECT_EQ(done, std::vector<int>(100, 1));
  EXPECT_EQ(test::n_thread_starts, GetParam());
}

TEST_P(RefusedThreads, GuestsThatCannotStartAreNotMissed) {
  SpareThreads spare(1, 4, 64);
  ThreadTeam team(1, &spare);
  std::vector<int> done(50);
  team.run(done.size(), [&](std::size_t i) { ++done[i]; });
  EXPECT_EQ(done, std::vector<int>(50, 1));
  EXPECT_EQ(test::n_thread_starts, GetParam());
}

TEST_P(RefusedThreads, ATeamIsAsLargeAsItCanBe) {
  ThreadTeam team(4);
  EXPECT_EQ(team.n_threads(), static_cast<std::size_t>(1 + GetParam()));
  std::vector<int> done(50);
  team.run(done.size(), [&](std::size_t i) { ++done[i]; });
  EXPECT_EQ(done, std::vector<int>(50, 1));
}

TEST_P(RefusedThreads, ASearchFindsTheSameWithThoseThatThereAre) {
  const auto x = test::random_matrix(200, 3, 1);
  const MLPClassifier model({.hidden_layer_sizes = {2}, .max_iter = 3, .random_state = 1});
  const auto scores = [&](std::optional<int> n_jobs) {
    GridSearchOptions options;
    options.n_jobs = n_jobs;
    GridSearchCV search(model, ParamGrid{{"alpha", {0.1, 1.0, 10.0}}}, options);
    search.fit(x, signs_of(x));
    return search.cv_results().numbers("mean_test_score");
  };
  const auto found = scores(-1);
  EXPECT_EQ(test::n_thread_starts, std::min(GetParam(), available_cores() - 1));
  EXPECT_EQ(found, scores(1));
}

INSTANTIATE_TEST_SUITE_P(AfterSome, RefusedThreads, testing::Values(0, 1, 2),
                         testing::PrintToStringParamName());

/// Early stopping on more samples than one block of a prediction.
TEST(ThreadStarts, EarlyStoppingStartsNoneInAnEpoch) {
  const auto x = test::random_matrix(12000, 3, 1);
  const auto starts = [&](int max_iter) {
    test::n_thread_starts = 0;
    MLPClassifier({.hidden_layer_sizes = {2},
                   .max_iter = max_iter,
                   .random_state = 1,
                   .early_stopping = true,
                   .n_iter_no_change = 100,
                   .n_threads = 2})
        .fit(x, signs_of(x));
    return test::n_thread_starts.load();
  };
  const int once = starts(1);
  EXPECT_EQ(once, std::min(2, available_cores()) - 1);
  EXPECT_EQ(starts(6), once);
}

TEST(ThreadStarts, AreNoMoreThanThereAreCores) {
  const auto x = test::random_matrix(2000, 3, 1);
  const Target y = signs_of(x);
  MLPClassifier model(
      {.hidden_layer_sizes = {2}, .max_iter = 1, .random_state = 1, .n_threads = 3000});
  const auto expect_few_starts = [](auto work) {
    test::n_thread_starts = 0;
    work();
    EXPECT_LT(test::n_thread_starts, available_cores());
    EXPECT_GE(test::n_thread_starts, std::min(available_cores() - 1, 1));
  };
  expect_few_starts([&] { model.fit(x, y); });
  expect_few_starts([&] { model.predict(x); });
  GridSearchOptions options;
  options.n_jobs = 3000;
  options.refit = false;
  expect_few_starts([&] {
    GridSearchCV(model, ParamGrid{{"alpha", std::vector<ParamValue>(8, 1.0)}}, options).fit(x, y);
  });
}

}  // namespace
}  // namespace skarma
