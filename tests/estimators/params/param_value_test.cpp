#include <skarma/estimators/params/param_value.hpp>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/special_values.hpp>

namespace skarma {
namespace {

using List = std::vector<std::int64_t>;
using NameList = std::vector<std::string>;

/// What Python's repr writes.
TEST(ParamValue, TextIsPythons) {
  EXPECT_EQ(to_text(None{}), "None");
  EXPECT_EQ(to_text(true), "True");
  EXPECT_EQ(to_text(false), "False");
  EXPECT_EQ(to_text(std::int64_t{-3}), "-3");
  EXPECT_EQ(to_text(0.001), "0.001");
  EXPECT_EQ(to_text(1e-5), "1e-05");
  EXPECT_EQ(to_text(1.0), "1.0");
  EXPECT_EQ(to_text(1e15), "1000000000000000.0");
  EXPECT_EQ(to_text(1e16), "1e+16");
  EXPECT_EQ(to_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(to_text(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(to_text(std::nan("")), "nan");
  EXPECT_EQ(to_text(std::string("relu")), "'relu'");
  EXPECT_EQ(to_text(List{100}), "(100,)");
  EXPECT_EQ(to_text(List{100, 50}), "(100, 50)");
  EXPECT_EQ(to_text(List{}), "()");
  EXPECT_EQ(to_text(NameList{"relu"}), "['relu']");
  EXPECT_EQ(to_text(NameList{"relu", "tanh"}), "['relu', 'tanh']");
}

TEST(ParamValue, EveryValueComesBack) {
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<ParamValue> values{None{},
                                 true,
                                 false,
                                 std::int64_t{0},
                                 std::numeric_limits<std::int64_t>::min(),
                                 std::numeric_limits<std::int64_t>::max(),
                                 infinity,
                                 -infinity,
                                 5e-324,
                                 std::numeric_limits<double>::max(),
                                 -0.0,
                                 std::string("relu"),
                                 std::string("3"),
                                 std::string(),
                                 List{},
                                 List{7},
                                 List{1, 2, 3},
                                 NameList{"relu"},
                                 NameList{"relu", "gelu_tanh"},
                                 NameList{"3", "", " a (b) "}};
  for (const double v : test::random_numbers(200, 1, -1e3, 1e3)) values.push_back(v * v * v);
  for (const ParamValue& value : values) {
    EXPECT_EQ(parse_value(to_text(value)), value) << to_text(value);
  }
  EXPECT_TRUE(std::isnan(std::get<double>(parse_value("nan"))));
}

TEST(ParamValue, WhatPeopleType) {
  EXPECT_EQ(parse_value(" 1e-3 "), ParamValue(1e-3));
  EXPECT_EQ(parse_value("+5"), ParamValue(std::int64_t{5}));
  EXPECT_EQ(parse_value("+.5"), ParamValue(0.5));
  EXPECT_EQ(parse_value("true"), ParamValue(true));
  EXPECT_EQ(parse_value("none"), ParamValue());
  EXPECT_EQ(parse_value("[100, 50]"), ParamValue(List{100, 50}));
  EXPECT_EQ(parse_value("(100,)"), ParamValue(List{100}));
  EXPECT_EQ(parse_value("()"), ParamValue(List{}));
  EXPECT_EQ(parse_value("relu"), ParamValue(std::string("relu")));
  EXPECT_EQ(parse_value("\"relu\""), ParamValue(std::string("relu")));
  EXPECT_EQ(parse_value("1.2.3"), ParamValue(std::string("1.2.3")));
  EXPECT_EQ(parse_value("e5"), ParamValue(std::string("e5")));
  EXPECT_EQ(parse_value("-"), ParamValue(std::string("-")));
  EXPECT_EQ(parse_value("(relu,tanh)"), ParamValue(NameList{"relu", "tanh"}));
  EXPECT_EQ(parse_value("[ 'relu', \"tanh\", ]"), ParamValue(NameList{"relu", "tanh"}));
  EXPECT_EQ(parse_value("[relu, 3]"), ParamValue(NameList{"relu", "3"}));
}

TEST(ParamValue, ListsOfReals) {
  const std::vector<double> reals = {1.0, 0.25, -3.0};
  EXPECT_EQ(parse_value("[1, 0.25, -3e0]"), ParamValue(reals));
  EXPECT_EQ(parse_value("(1, 0.25, -3.0)"), ParamValue(reals));
  EXPECT_EQ(to_text(ParamValue(reals)), "[1.0, 0.25, -3.0]");
  EXPECT_EQ(parse_value(to_text(ParamValue(reals))), ParamValue(reals));
  EXPECT_EQ(parse_value("[inf, 1]"), ParamValue(std::vector<double>{test::kInfinity, 1.0}));
  EXPECT_EQ(parse_value("['inf']"), ParamValue(std::vector<std::string>{"inf"}));
}

TEST(ParamValue, Mistakes) {
  EXPECT_THROW_WITH(parse_value("99999999999999999999"), std::invalid_argument,
                    "'99999999999999999999' is not a whole number of 64 bits.");
  EXPECT_THROW_WITH(parse_value("1e999"), std::invalid_argument, "beyond the range of a double");
  EXPECT_THROW_WITH(parse_value("(1, 2"), std::invalid_argument, "'(1, 2' has no closing ')'");
  EXPECT_THROW_WITH(parse_value("[1)"), std::invalid_argument, "has no closing ']'");
  EXPECT_THROW_WITH(parse_value("(1,,2)"), std::invalid_argument, "'' is not a number.");
  EXPECT_THROW_WITH(parse_value("'relu"), std::invalid_argument, "has no closing '");
  EXPECT_THROW_WITH(parse_value("['relu, tanh]"), std::invalid_argument, "has no closing '");
  EXPECT_THROW_WITH(parse_value("(a', 'b)"), std::invalid_argument,
                    "there is a quote inside of a'.");
  EXPECT_THROW_WITH(parse_value("(3, relu)"), std::invalid_argument, "'relu' is not a number.");
}

}  // namespace
}  // namespace skarma
