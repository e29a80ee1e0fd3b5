#include <skarma/cli/signals.hpp>

#include <chrono>
#include <csignal>

#include <gtest/gtest.h>

#include <skarma/cli/exit_code.hpp>

namespace skarma::cli {
namespace {

void wait_until_requested(const std::stop_token& token) {
  while (!token.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST(InterruptWatcherThreads, ASignalIsAStopRequest) {
  std::signal(SIGINT, SIG_DFL);
  const InterruptWatcher watcher;
  EXPECT_FALSE(watcher.token().stop_requested());
  std::raise(SIGINT);
  wait_until_requested(watcher.token());
}

TEST(InterruptWatcherThreads, ASecondOneEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto interrupted_twice = [] {
    std::signal(SIGINT, SIG_DFL);
    const InterruptWatcher watcher;
    std::raise(SIGINT);
    wait_until_requested(watcher.token());
    std::raise(SIGINT);
    std::this_thread::sleep_for(std::chrono::minutes(1));
  };
  EXPECT_EXIT(interrupted_twice(), ::testing::ExitedWithCode(kInterrupted), "");
}

TEST(InterruptWatcherThreads, IgnoredSignalsStayIgnored) {
  std::signal(SIGINT, SIG_IGN);
  {
    const InterruptWatcher watcher;
    std::raise(SIGINT);
    EXPECT_FALSE(watcher.token().stop_requested());
  }
  std::signal(SIGINT, SIG_DFL);
}

TEST(InterruptWatcherThreads, GoesWithoutASignal) { const InterruptWatcher watcher; }

}  // namespace
}  // namespace skarma::cli
