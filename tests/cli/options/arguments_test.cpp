#include <skarma/cli/options/arguments.hpp>

#include <gtest/gtest.h>

namespace skarma::cli {
namespace {

using Words = std::vector<std::string>;

TEST(Arguments, BothSpellingsOfAFlagAreOne) {
  EXPECT_EQ(normalised({"--max_iter", "5", "--learning_rate_init=0.1"}),
            (Words{"--max-iter", "5", "--learning-rate-init=0.1"}));
}

TEST(Arguments, ValuesStayAsTheyAre) {
  EXPECT_EQ(normalised({"--grid", "max_iter=1", "--output=a_b.csv", "my_file.csv", "-q"}),
            (Words{"--grid", "max_iter=1", "--output=a_b.csv", "my_file.csv", "-q"}));
}

TEST(Arguments, BooleanFlagsGetTheirValue) {
  EXPECT_EQ(normalised({"--early_stopping", "data.csv"}),
            (Words{"--early-stopping=True", "data.csv"}));
  EXPECT_EQ(normalised({"--shuffle", "False", "x"}), (Words{"--shuffle=False", "x"}));
  EXPECT_EQ(normalised({"--no-shuffle"}), (Words{"--shuffle=False"}));
  EXPECT_EQ(normalised({"--shuffle=false"}), (Words{"--shuffle=false"}));
  EXPECT_EQ(normalised({"--no-such"}), (Words{"--no-such"}));
}

}  // namespace
}  // namespace skarma::cli
