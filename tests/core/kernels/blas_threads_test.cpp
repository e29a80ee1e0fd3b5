#include <skarma/core/kernels/blas_threads.hpp>

#include <cblas.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma::kernels {
namespace {

class BlasThreads : public ::testing::Test {
 protected:
  void SetUp() override { openblas_set_num_threads(2); }
  void TearDown() override { openblas_set_num_threads(before_); }
  const int before_ = openblas_get_num_threads();
};

TEST_F(BlasThreads, TheLastGuardRestoresTheSetting) {
  if (openblas_get_num_threads() != 2) GTEST_SKIP() << "this OpenBLAS has one thread only";
  {
    const SingleThreadedBlas outer;
    EXPECT_EQ(openblas_get_num_threads(), 1);
    {
      const SingleThreadedBlas inner;
      EXPECT_EQ(openblas_get_num_threads(), 1);
    }
    EXPECT_EQ(openblas_get_num_threads(), 1);
  }
  EXPECT_EQ(openblas_get_num_threads(), 2);
}

TEST_F(BlasThreads, GuardsOfSeveralThreadsCountTogether) {
  if (openblas_get_num_threads() != 2) GTEST_SKIP() << "this OpenBLAS has one thread only";
  std::atomic<bool> always_one{true};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) {
          const SingleThreadedBlas guard;
          if (openblas_get_num_threads() != 1) always_one = false;
        }
      });
    }
  }
  EXPECT_TRUE(always_one);
  EXPECT_EQ(openblas_get_num_threads(), 2);
}

/// What waitpid says of a forked child that takes a guard and looks at the setting before and
/// after; one that hangs is ended by the alarm.
int status_of_forked_child() {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    {
      const SingleThreadedBlas guard;
      if (openblas_get_num_threads() != 1) _exit(1);
    }
    _exit(openblas_get_num_threads() == 2 ? 0 : 2);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

TEST_F(BlasThreads, GuardsOfOtherThreadsDoNotCountInAForkedChild) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer ends a forked child that starts threads";
#endif
  if (openblas_get_num_threads() != 2) GTEST_SKIP() << "this OpenBLAS has one thread only";
  std::latch guarded(1);
  std::latch forked(1);
  const std::jthread other([&] {
    const SingleThreadedBlas guard;
    guarded.count_down();
    forked.wait();
  });
  guarded.wait();
  EXPECT_EQ(status_of_forked_child(), 0);
  forked.count_down();
}

TEST_F(BlasThreads, AForkBetweenGuardsOfOtherThreadsLeavesNothingLocked) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer ends a forked child that starts threads";
#endif
  if (openblas_get_num_threads() != 2) GTEST_SKIP() << "this OpenBLAS has one thread only";
  const std::jthread other([](const std::stop_token& stop) {
    while (!stop.stop_requested()) const SingleThreadedBlas guard;
  });
  for (int i = 0; i < 100; ++i) ASSERT_EQ(status_of_forked_child(), 0) << i;
}

TEST_F(BlasThreads, TheDescriptionNamesLibraryAndProcessorKernel) {
  const std::string text = blas_description();
  EXPECT_TRUE(test::contains(text, "OpenBLAS ")) << text;
  EXPECT_TRUE(test::contains(text, std::string("(") + openblas_get_corename() + ")")) << text;
}

}  // namespace
}  // namespace skarma::kernels
