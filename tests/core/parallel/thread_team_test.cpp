#include <skarma/core/parallel/thread_team.hpp>

#include <chrono>
#include <numeric>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

class ThreadTeamSize : public ::testing::TestWithParam<int> {};

TEST_P(ThreadTeamSize, DoesEveryTaskOnceRoundAfterRound) {
  ThreadTeam team(GetParam());
  EXPECT_EQ(team.n_threads(), static_cast<std::size_t>(GetParam()));
  std::vector<int> done(17);
  for (int round = 1; round <= 2000; ++round) {
    const std::size_t n = static_cast<std::size_t>(round) % done.size() + 1;
    std::fill(done.begin(), done.end(), 0);
    team.run(n, [&](std::size_t i) { ++done[i]; });
    EXPECT_EQ(std::accumulate(done.begin(), done.end(), 0), static_cast<int>(n));
    EXPECT_TRUE(std::all_of(done.begin(), done.begin() + static_cast<std::ptrdiff_t>(n),
                            [](int times) { return times == 1; }));
  }
}

TEST_P(ThreadTeamSize, PartsCoverEverythingOnce) {
  ThreadTeam team(GetParam());
  for (const std::size_t cost : {1u, 1000000u}) {
    std::vector<int> touched(101);
    run_in_parts(team, touched.size(), cost, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) ++touched[i];
    });
    EXPECT_EQ(touched, std::vector<int>(101, 1));
  }
}

TEST_P(ThreadTeamSize, TheFirstExceptionOfATaskArrivesAndTheTeamGoesOn) {
  ThreadTeam team(GetParam());
  for (int round = 0; round < 500; ++round) {
    const auto task = [](std::size_t i) {
      if (i % 5 == 3) throw std::runtime_error("a task");
    };
    EXPECT_THROW_WITH(team.run(12, task), std::runtime_error, "a task");
    std::atomic<int> done{0};
    team.run(12, [&](std::size_t) { ++done; });
    EXPECT_EQ(done, 12);
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadTeamSize, ::testing::Values(1, 2, 4),
                         ::testing::PrintToStringParamName());

/// Tasks that wait for each other need a thread each.
TEST(ThreadTeam, HelpersDoWork) {
  ThreadTeam team(3);
  std::atomic<int> arrived{0};
  team.run(3, [&](std::size_t) {
    ++arrived;
    while (arrived < 3) std::this_thread::yield();
  });
  EXPECT_EQ(arrived, 3);
}

TEST(ThreadTeam, HelpersWakeUpAfterAPause) {
  ThreadTeam team(3);
  for (int round = 0; round < 3; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    std::atomic<int> arrived{0};
    team.run(3, [&](std::size_t) {
      ++arrived;
      while (arrived < 3) std::this_thread::yield();
    });
    EXPECT_EQ(arrived, 3);
  }
}

TEST(ThreadTeam, AloneServesManyCallers) {
  std::vector<std::jthread> callers;
  std::atomic<int> done{0};
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] { ThreadTeam::alone().run(100, [&](std::size_t) { ++done; }); });
  }
  callers.clear();
  EXPECT_EQ(done, 400);
}

TEST(PartBegin, CutsAtMultiples) {
  EXPECT_EQ(part_begin(0, 100, 3, 32), 0u);
  EXPECT_EQ(part_begin(1, 100, 3, 32), 32u);
  EXPECT_EQ(part_begin(2, 100, 3, 32), 64u);
  EXPECT_EQ(part_begin(3, 100, 3, 32), 100u);
}

}  // namespace
}  // namespace skarma
