// What becomes of work where the system starts no more threads.
#include <gtest/gtest.h>

#include <skarma/core/base/spare_threads.hpp>
#include <skarma/core/base/thread_budget.hpp>
#include <skarma/core/base/thread_team.hpp>
#include <skarma/core/engine/cpu_engine.hpp>
#include <skarma/estimators/mlp_classifier.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/tests/allocation/thread_starts.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

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

INSTANTIATE_TEST_SUITE_P(AfterSome, RefusedThreads, testing::Values(0, 1, 2),
                         testing::PrintToStringParamName());

/// Early stopping on more samples than one block of a prediction.
TEST(ThreadStarts, EarlyStoppingStartsNoneInAnEpoch) {
  const auto x = test::random_matrix(12000, 3, 1);
  std::vector<int> labels;
  for (std::size_t i = 0; i < x.rows(); ++i) labels.push_back(x(i, 0) > 0);
  const auto starts = [&](int max_iter) {
    test::n_thread_starts = 0;
    MLPClassifier({.hidden_layer_sizes = {2},
                   .max_iter = max_iter,
                   .random_state = 1,
                   .early_stopping = true,
                   .n_iter_no_change = 100,
                   .n_threads = 2})
        .fit(x, Target(labels));
    return test::n_thread_starts.load();
  };
  EXPECT_EQ(starts(6), starts(1));
}

TEST(ThreadStarts, AreNoMoreThanThereAreCores) {
  const auto x = test::random_matrix(2000, 3, 1);
  std::vector<int> labels;
  for (std::size_t i = 0; i < x.rows(); ++i) labels.push_back(x(i, 0) > 0);
  const Target y(labels);
  MLPClassifier model(
      {.hidden_layer_sizes = {2}, .max_iter = 1, .random_state = 1, .n_threads = 3000});
  const auto starts = [](auto work) {
    test::n_thread_starts = 0;
    work();
    return test::n_thread_starts.load();
  };
  EXPECT_LT(starts([&] { model.fit(x, y); }), available_cores());
  EXPECT_LT(starts([&] { model.predict(x); }), available_cores());
  GridSearchOptions options;
  options.n_jobs = 3000;
  options.refit = false;
  EXPECT_LT(starts([&] {
              GridSearchCV(model, ParamGrid{{"alpha", std::vector<ParamValue>(8, 1.0)}}, options)
                  .fit(x, y);
            }),
            available_cores());
}

}  // namespace
}  // namespace skarma
