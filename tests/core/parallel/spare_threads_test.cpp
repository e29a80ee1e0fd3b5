#include <skarma/core/parallel/spare_threads.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/core/parallel/thread_team.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

constexpr int kManyCores = 64;

void wait_for_threads(ThreadTeam& team, std::size_t n_threads) {
  while (team.n_threads_to_share() < n_threads) std::this_thread::yield();
}

/// Shares work until `n_threads` threads have done some of it at once.
void meet(ThreadTeam& team, std::size_t n_threads) {
  std::vector<std::thread::id> ids(n_threads);
  const auto task = [&](std::size_t i) {
    ids[i] = std::this_thread::get_id();
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  };
  do {
    team.run(n_threads, task);
  } while (std::set(ids.begin(), ids.end()).size() < n_threads);
}

TEST(SpareThreads, AJobIsJoinedByThreadsThatNeverHadOne) {
  SpareThreads spare(1, 4, kManyCores);
  run_jobs(
      1, 4,
      [&](std::size_t) {
        ThreadTeam team(1, &spare);
        meet(team, 4);
      },
      {}, &spare);
  EXPECT_EQ(spare.n_guests(), 0u);
}

TEST(SpareThreads, TheLastJobIsJoinedByThreadsWhoseJobsAreDone) {
  SpareThreads spare(7, 3, kManyCores);
  std::atomic<int> done{0};
  run_jobs(
      7, 3,
      [&](std::size_t job) {
        if (job == 0) {
          ThreadTeam team(1, &spare);
          meet(team, 3);
          EXPECT_EQ(done, 6);
        }
        ++done;
      },
      {}, &spare);
  EXPECT_EQ(done, 7);
}

TEST(SpareThreads, AreSharedAmongTheJobs) {
  SpareThreads spare(3, 6, kManyCores);
  std::atomic<int> joined{0};
  run_jobs(
      3, 6,
      [&](std::size_t) {
        ThreadTeam team(1, &spare);
        meet(team, 2);
        ++joined;
        while (joined < 3) std::this_thread::yield();
      },
      {}, &spare);
}

TEST(SpareThreads, AnotherTeamGetsOneOfTheGuestsAndGivesItBack) {
  SpareThreads spare(1, 1, kManyCores);
  std::vector<std::jthread> lent;
  for (int i = 0; i < 2; ++i) lent.emplace_back([&] { spare.lend(); });
  {
    ThreadTeam first(1, &spare);
    meet(first, 3);
    {
      ThreadTeam second(1, &spare);
      meet(second, 2);
      meet(first, 2);
    }
    meet(first, 3);
  }
  spare.close();
}

TEST(SpareThreads, StayAwayFromATeamThatSharesNothing) {
  SpareThreads spare(1, 3, kManyCores);
  ThreadTeam small(1, &spare), large(1, &spare);
  int done = 0;
  run_in_parts(small, 1000, 1000, [&](std::size_t, std::size_t) { ++done; });
  meet(large, 3);
  EXPECT_EQ(small.n_threads(), 1u);
  EXPECT_EQ(done, 1);
}

TEST(SpareThreads, AreNotMoreThanTheCoresAllow) {
  for (const std::size_t n_cores : {1u, 2u}) {
    SpareThreads spare(1, 1, static_cast<int>(n_cores));
    std::vector<std::jthread> lent;
    for (int i = 0; i < 4; ++i) lent.emplace_back([&] { spare.lend(); });
    {
      ThreadTeam team(1, &spare);
      meet(team, n_cores);
      for (int round = 0; round < 1000; ++round) EXPECT_LE(team.n_threads(), n_cores);
    }
    spare.close();
  }
}

TEST(SpareThreads, ThatComeAndGoDoEveryTaskOnce) {
  SpareThreads spare(1, 4, kManyCores);
  ThreadTeam team(1, &spare);
  wait_for_threads(team, 4);
  const std::jthread rival([&](std::stop_token stop) {
    while (!stop.stop_requested()) {
      ThreadTeam other(1, &spare);
      other.n_threads_to_share();
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  });
  std::vector<int> done(17);
  for (int round = 0; round < 5000; ++round) {
    std::ranges::fill(done, 0);
    team.run(done.size(), [&](std::size_t i) { ++done[i]; });
    ASSERT_EQ(done, std::vector<int>(done.size(), 1));
  }
}

TEST(SpareThreads, WakeUpWhenTheyAreCalledAway) {
  SpareThreads spare(1, 3, kManyCores);
  for (int round = 0; round < 3; ++round) {
    ThreadTeam team(1, &spare);
    wait_for_threads(team, 3);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(spare.n_guests(), 0u);
}

TEST(SpareThreads, AJobThatThrowsSendsItsGuestsHome) {
  SpareThreads spare(2, 4, kManyCores);
  const auto job = [&](std::size_t) {
    ThreadTeam team(1, &spare);
    wait_for_threads(team, 2);
    throw std::runtime_error("in company");
  };
  EXPECT_THROW_WITH(run_jobs(2, 4, job, {}, &spare), std::runtime_error, "in company");
  EXPECT_EQ(spare.n_guests(), 0u);
}

TEST(SpareThreads, AStopRequestFindsGuestsAtWork) {
  SpareThreads spare(1000, 3, kManyCores);
  std::stop_source stop;
  const auto job = [&](std::size_t number) {
    if (number > 0) return;
    stop.request_stop();
    ThreadTeam team(1, &spare);
    meet(team, 3);
  };
  run_jobs(1000, 3, job, stop.get_token(), &spare);
  EXPECT_EQ(spare.n_guests(), 0u);
}

TEST(SpareThreads, NobodyIsLentAfterTheEnd) {
  SpareThreads spare(1, 1, kManyCores);
  spare.close();
  spare.lend();
  EXPECT_EQ(spare.n_guests(), 0u);
}

}  // namespace
}  // namespace skarma
