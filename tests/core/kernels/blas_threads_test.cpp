#include <skarma/core/kernels/blas_threads.hpp>

#include <cblas.h>

#include <atomic>
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

TEST_F(BlasThreads, TheDescriptionNamesLibraryAndProcessorKernel) {
  const std::string text = blas_description();
  EXPECT_TRUE(test::contains(text, "OpenBLAS ")) << text;
  EXPECT_TRUE(test::contains(text, std::string("(") + openblas_get_corename() + ")")) << text;
}

}  // namespace
}  // namespace skarma::kernels
