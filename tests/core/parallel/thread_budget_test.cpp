#include <skarma/core/parallel/thread_budget.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(ThreadBudget, NJobsMeansWhatScikitLearnMeans) {
  EXPECT_EQ(resolve_n_jobs(std::nullopt), 1);
  EXPECT_EQ(resolve_n_jobs(3), 3);
  EXPECT_EQ(resolve_n_jobs(-1), available_cores());
  EXPECT_EQ(resolve_n_jobs(-2), std::max(1, available_cores() - 1));
  EXPECT_EQ(resolve_n_jobs(-10000), 1);
  EXPECT_THROW_WITH(resolve_n_jobs(0), std::invalid_argument, "n_jobs == 0 has no meaning");
}

class RunJobsThreads : public ::testing::TestWithParam<int> {};

TEST_P(RunJobsThreads, EveryJobRunsOnceAndWritesItsPlace) {
  std::vector<std::size_t> result(200, 0);
  run_jobs(200, GetParam(), [&](std::size_t i) { result[i] += i + 1; });
  for (std::size_t i = 0; i < result.size(); ++i) EXPECT_EQ(result[i], i + 1);
}

TEST_P(RunJobsThreads, NoMoreThreadsThanAskedFor) {
  std::set<std::thread::id> ids;
  std::mutex mutex;
  run_jobs(50, GetParam(), [&](std::size_t) {
    const std::lock_guard lock(mutex);
    ids.insert(std::this_thread::get_id());
  });
  EXPECT_LE(ids.size(), static_cast<std::size_t>(GetParam()));
}

/// A job that takes so long that not all are done before a thread that was put aside goes on.
void leave_time() { std::this_thread::sleep_for(std::chrono::microseconds(20)); }

TEST_P(RunJobsThreads, TheFirstExceptionEndsTheRestAndArrivesHere) {
  std::atomic<int> ran{0};
  const auto job = [&](std::size_t i) {
    ++ran;
    if (i == 2) throw std::runtime_error("job two");
    leave_time();
  };
  EXPECT_THROW_WITH(run_jobs(100000, GetParam(), job), std::runtime_error, "job two");
  EXPECT_LT(ran, 100000);
}

TEST_P(RunJobsThreads, AfterAStopRequestNoJobStarts) {
  std::stop_source source;
  std::atomic<int> ran{0};
  const auto job = [&](std::size_t i) {
    ++ran;
    if (i == 5) source.request_stop();
    leave_time();
  };
  run_jobs(100000, GetParam(), job, source.get_token());
  EXPECT_GE(ran, 6);
  EXPECT_LT(ran, 100000);
  run_jobs(
      10, GetParam(), [](std::size_t) { FAIL(); }, source.get_token());
}

TEST_P(RunJobsThreads, NoJobsIsNoWork) {
  run_jobs(0, GetParam(), [](std::size_t) { FAIL(); });
}

INSTANTIATE_TEST_SUITE_P(Count, RunJobsThreads, ::testing::Values(1, 2, 4),
                         ::testing::PrintToStringParamName());

TEST(ThreadBudget, AForkedChildCanRunJobs) {
  run_jobs(4, 2, [](std::size_t) {});
  const pid_t child = fork();
  if (child == 0) {
    std::atomic<int> ran{0};
    run_jobs(8, 2, [&](std::size_t) { ++ran; });
    _exit(ran == 8 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace skarma
