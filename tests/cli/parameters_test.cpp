#include <skarma/cli/parameters.hpp>

#include <algorithm>

#include <gtest/gtest.h>

namespace skarma::cli {
namespace {

TEST(Parameters, AreThoseOfBothEstimatorsEachOnce) {
  std::vector<std::string_view> names;
  for (const ParameterInfo& info : all_parameters()) names.push_back(info.name);
  for (const char* name : {"alpha", "loss", "n_threads"}) {
    EXPECT_EQ(std::ranges::count(names, name), 1) << name;
  }
}

TEST(Parameters, AreFlagsWithHyphens) {
  EXPECT_EQ(flag_name("max_iter"), "--max-iter");
  EXPECT_EQ(flag_name("learning_rate_init"), "--learning-rate-init");
}

}  // namespace
}  // namespace skarma::cli
