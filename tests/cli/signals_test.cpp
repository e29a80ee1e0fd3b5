#include <skarma/cli/signals.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include <gtest/gtest.h>

#include <skarma/cli/exit_code.hpp>

namespace skarma::cli {
namespace {

void wait_until_requested(const std::stop_token& token) {
  while (!token.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void use_defaults() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
}

class SignalThreads : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    use_defaults();
  }
};

TEST_P(SignalThreads, IsAStopRequestWithACodeOfItsOwn) {
  const InterruptWatcher watcher;
  EXPECT_FALSE(watcher.token().stop_requested());
  std::raise(GetParam());
  wait_until_requested(watcher.token());
  EXPECT_EQ(watcher.exit_code(), 128 + GetParam());
}

TEST_P(SignalThreads, EndsAProgramThatHasNothingToLose) {
  const auto interrupted = [] {
    use_defaults();
    const InterruptWatcher watcher;
    const NothingToLose scope;
    std::raise(GetParam());
    std::this_thread::sleep_for(std::chrono::minutes(1));
  };
  EXPECT_EXIT(interrupted(), ::testing::ExitedWithCode(128 + GetParam()),
              "skarma: interrupted; no file was written");
}

TEST_P(SignalThreads, StaysIgnoredWhereTheParentIgnoresIt) {
  std::signal(GetParam(), SIG_IGN);
  {
    const InterruptWatcher watcher;
    struct sigaction action {};
    ASSERT_EQ(sigaction(GetParam(), nullptr, &action), 0);
    EXPECT_EQ(action.sa_handler, SIG_IGN);
  }
  use_defaults();
}

INSTANTIATE_TEST_SUITE_P(Each, SignalThreads, ::testing::Values(SIGINT, SIGTERM, SIGHUP),
                         [](const auto& which) -> std::string {
                           if (which.param == SIGINT) return "SIGINT";
                           return which.param == SIGTERM ? "SIGTERM" : "SIGHUP";
                         });

TEST(InterruptWatcherThreads, ALaterOneEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto interrupted_again = [] {
    use_defaults();
    const InterruptWatcher watcher;
    for (;;) {  // the first ones count as one
      std::raise(SIGINT);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  };
  EXPECT_EXIT(interrupted_again(), ::testing::ExitedWithCode(kInterrupted), "");
}

TEST(InterruptWatcherThreads, TheSameOneTwiceIsOne) {
  use_defaults();
  const InterruptWatcher watcher;
  std::raise(SIGTERM);
  std::raise(SIGTERM);  // as timeout sends it
  wait_until_requested(watcher.token());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));  // the second would have ended us
  EXPECT_EQ(watcher.exit_code(), 128 + SIGTERM);
}

TEST(InterruptWatcherThreads, GoesWithoutASignal) {
  const InterruptWatcher watcher;
  EXPECT_EQ(watcher.exit_code(), kInterrupted);
}

}  // namespace
}  // namespace skarma::cli
