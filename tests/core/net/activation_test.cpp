#include <skarma/core/net/activation.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(Activation, IsANameAndForSomeANumber) {
  EXPECT_EQ(parse_activation("relu"), find_activation("relu"));
  EXPECT_EQ(parse_activation("leaky_relu"), find_activation("leaky_relu"));
  EXPECT_EQ(parse_activation("leaky_relu").number, 0.01);
  EXPECT_EQ(parse_activation("leaky_relu(0.25)").number, 0.25);
  EXPECT_EQ(parse_activation("leaky_relu( slope = 0 )").number, 0.0);
  EXPECT_EQ(parse_activation("elu(alpha=2e-1)").number, 0.2);
  EXPECT_EQ(parse_activation("elu").number, 1.0);
}

TEST(Activation, IsWrittenAsItIsRead) {
  for (const char* text : {"relu", "leaky_relu", "leaky_relu(0.1)", "elu(0.30000000000000004)"}) {
    EXPECT_EQ(to_string(parse_activation(text)), text);
  }
  EXPECT_EQ(to_string(parse_activation("elu(alpha=1)")), "elu");
}

TEST(Activation, RefusesWhatItDoesNotTake) {
  using Wrong = std::invalid_argument;
  EXPECT_THROW_WITH(parse_activation("rely"), Wrong, "There is no activation 'rely'.");
  EXPECT_THROW_WITH(parse_activation("relu(1)"), Wrong,
                    "'relu' takes no number. Got 'relu(1)' instead.");
  EXPECT_THROW_WITH(parse_activation("elu(1, 2)"), Wrong,
                    "'elu' takes one number: 'elu(alpha=1)'. Got 'elu(1, 2)' instead.");
  EXPECT_THROW_WITH(parse_activation("elu("), Wrong,
                    "'elu' takes one number: 'elu(alpha=1)'. Got 'elu(' instead.");
  EXPECT_THROW_WITH(parse_activation("elu()"), Wrong,
                    "'elu' takes one number: 'elu(alpha=1)'. Got 'elu()' instead.");
  EXPECT_THROW_WITH(parse_activation("leaky_relu(alpha=1)"), Wrong,
                    "'leaky_relu' takes one number: 'leaky_relu(slope=0.01)'. It has no 'alpha'.");
  EXPECT_THROW_WITH(parse_activation("leaky_relu(-1)"), Wrong,
                    "'slope' of 'leaky_relu' must be a number from 0. Got -1 instead.");
  EXPECT_THROW_WITH(parse_activation("elu(nan)"), Wrong,
                    "'alpha' of 'elu' must be a number from 0. Got nan instead.");
}

}  // namespace
}  // namespace skarma
