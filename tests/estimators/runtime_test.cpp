#include <skarma/estimators/runtime.hpp>

#include <cstdlib>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/plugins.hpp>

namespace skarma {
namespace {

TEST(Runtime, SaysWhatComputesHere) {
  const RuntimeInfo info = runtime_info();
  EXPECT_TRUE(info.blas.starts_with("OpenBLAS ")) << info.blas;
  EXPECT_TRUE((std::set<std::string>{"baseline", "avx2", "avx512"}).contains(info.simd));
  EXPECT_TRUE(info.compiler.starts_with("GCC ") || info.compiler.starts_with("Clang "));
  EXPECT_EQ(info.n_cores, available_cores());
}

TEST(RuntimeWithoutGpu, SaysWhy) {
  unsetenv("SKARMA_GPU_PLUGIN");
  const RuntimeInfo info = runtime_info();
  if (!info.gpus.empty()) GTEST_SKIP() << "This process has opened a library: run this alone.";
  EXPECT_TRUE(test::contains(info.no_gpu, "No library of a device was found")) << info.no_gpu;
  const auto lines = gpu_lines(info);
  ASSERT_EQ(lines.size(), 1);
  EXPECT_EQ(lines[0], std::pair(std::string("GPU"), "none: " + info.no_gpu));
}

TEST(RuntimeWithGpus, SaysWhatTheyAre) {
  test::bring_plugin("skarma_cpu_plugin");
  const RuntimeInfo info = runtime_info();
  EXPECT_EQ(info.no_gpu, "");
  const auto lines = gpu_lines(info);
  ASSERT_EQ(lines.size(), 2);
  EXPECT_EQ(lines[1],
            std::pair(std::string("cuda:1"),
                      std::string("Test device 1, compute capability 9.0, 132 multiprocessors, 3.0 "
                                  "GiB of memory (2.5 free), driver 13.1, CUDA 13.0")));
}

}  // namespace
}  // namespace skarma
