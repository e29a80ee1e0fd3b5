#include <skarma/cli/options/choice.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma::cli {
namespace {

TEST(Choice, NamesTheNearestWord) {
  check_choice("--scale", "none", {"none", "standard"});
  EXPECT_THROW_WITH(
      check_choice("--scale", "standart", {"none", "standard"}), std::invalid_argument,
      "--scale must be one of none, standard; got 'standart'. Did you mean 'standard'?");
}

TEST(Choice, PartsAreFractionsOrCounts) {
  EXPECT_EQ(read_part_size("--test-size", 0.25), PartSize(0.25));
  EXPECT_EQ(read_part_size("--test-size", std::int64_t{10}), PartSize(std::size_t{10}));
  for (const ParamValue& wrong : {ParamValue(std::int64_t{0}), ParamValue(std::string("x"))}) {
    EXPECT_THROW_WITH(read_part_size("--test-size", wrong), std::invalid_argument,
                      "--test-size must be a fraction such as 0.25 or a number of samples; got ");
  }
}

}  // namespace
}  // namespace skarma::cli
