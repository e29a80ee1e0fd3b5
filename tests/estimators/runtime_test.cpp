#include <skarma/estimators/runtime.hpp>

#include <set>

#include <gtest/gtest.h>

#include <skarma/core/parallel/thread_budget.hpp>

namespace skarma {
namespace {

TEST(Runtime, SaysWhatComputesHere) {
  const RuntimeInfo info = runtime_info();
  EXPECT_TRUE(info.blas.starts_with("OpenBLAS ")) << info.blas;
  EXPECT_TRUE((std::set<std::string>{"baseline", "avx2", "avx512"}).contains(info.simd));
  EXPECT_TRUE(info.compiler.starts_with("GCC ") || info.compiler.starts_with("Clang "));
  EXPECT_EQ(info.n_cores, available_cores());
  EXPECT_FALSE(info.cuda);
}

}  // namespace
}  // namespace skarma
