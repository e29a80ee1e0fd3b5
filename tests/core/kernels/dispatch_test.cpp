#include <skarma/core/kernels/dispatch.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace skarma::kernels {
namespace {

/// Ends the process with the name of the chosen set, or the error, on stderr. The choice is made
/// once a process, so that each of these tests needs one of its own.
void choose_with(const char* isa) {
  setenv("SKARMA_ISA", isa, 1);
  try {
    table<double>();
    std::fprintf(stderr, "chosen: %s", std::string(isa_name()).c_str());
  } catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "refused: %s", e.what());
  }
  std::_Exit(0);
}

class DispatchDeathTest : public ::testing::Test {
 protected:
  void SetUp() override { ::testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

TEST_F(DispatchDeathTest, AWrongNameIsRefused) {
  EXPECT_EXIT(choose_with("sse9"), ::testing::ExitedWithCode(0),
              "refused: SKARMA_ISA must be baseline, avx2 or avx512. Got 'sse9'");
}

TEST_F(DispatchDeathTest, BaselineIsAlwaysThere) {
  EXPECT_EXIT(choose_with("baseline"), ::testing::ExitedWithCode(0), "chosen: baseline");
}

TEST_F(DispatchDeathTest, AKnownSetIsUsedOrSaidToBeMissing) {
  EXPECT_EXIT(choose_with("avx2"), ::testing::ExitedWithCode(0),
              "chosen: avx2|refused: SKARMA_ISA=avx2: this processor does not have it");
  EXPECT_EXIT(choose_with("avx512"), ::testing::ExitedWithCode(0),
              "chosen: avx512|refused: SKARMA_ISA=avx512: this processor does not have it");
}

TEST_F(DispatchDeathTest, AnEmptySettingIsNone) {
  EXPECT_EXIT(choose_with(""), ::testing::ExitedWithCode(0), "chosen: (baseline|avx2|avx512)");
}

}  // namespace
}  // namespace skarma::kernels
