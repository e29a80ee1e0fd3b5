#include <skarma/core/net/initialiser.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(Initialiser, IsReadFromText) {
  for (const Initialiser& row : kInitialisers) {
    const Initialiser read = parse_initialiser(row.name);
    EXPECT_EQ(read.name, row.name);
    EXPECT_EQ(read.number, row.takes.value);
  }
  EXPECT_EQ(parse_initialiser("orthogonal(1.41)").number, 1.41);
  EXPECT_EQ(parse_initialiser("orthogonal(gain=2)").number, 2.0);
  EXPECT_EQ(parse_initialiser("constant(value=-0.5)").number, -0.5);
}

TEST(Initialiser, RefusesWhatItDoesNotKnow) {
  EXPECT_THROW_WITH(parse_initialiser("he_norml"), std::invalid_argument,
                    "There is no initialiser 'he_norml'. Did you mean 'he_normal'?");
  EXPECT_THROW_WITH(parse_initialiser("he_normal(2)"), std::invalid_argument,
                    "'he_normal' takes no number. Got 'he_normal(2)' instead.");
  EXPECT_THROW_WITH(parse_initialiser("orthogonal(0)"), std::invalid_argument,
                    "'gain' of 'orthogonal' must be a number above 0. Got 0 instead.");
  EXPECT_THROW_WITH(parse_initialiser("orthogonal(gian=2)"), std::invalid_argument,
                    "'orthogonal' takes one number: 'orthogonal(gain=1)'. It has no 'gian'.");
  EXPECT_THROW(parse_initialiser("constant(inf)"), std::invalid_argument);
}

}  // namespace
}  // namespace skarma
