#include <skarma/cli/journal/params_text.hpp>

#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma::cli {
namespace {

TEST(JournalParams, ComeBackAsTheyWere) {
  const ParamSet params = {{"none", None{}},
                           {"flag", true},
                           {"whole", std::int64_t{3}},
                           {"real", 0.1},
                           {"round", 2.0},
                           {"text", std::string("a\"b")},
                           {"sizes", std::vector<std::int64_t>{5, 3}},
                           {"reals", std::vector<double>{0.5, 1.0}},
                           {"names", std::vector<std::string>{"relu", "tanh"}}};
  EXPECT_EQ(params_from_json(params_as_json(params)), params);
}

TEST(JournalParams, WhatJsonHasNoWordForIsText) {
  const ParamSet params = {{"tol", std::numeric_limits<double>::infinity()}};
  EXPECT_EQ(params_as_json(params), R"({"tol":"inf"})");
  EXPECT_EQ(params_from_json(R"({"a":{"b":1}})"), (ParamSet{{"a", std::string(R"({"b":1})")}}));
  EXPECT_THROW_WITH(params_from_json("[1]"), std::runtime_error, "no JSON object");
}

}  // namespace
}  // namespace skarma::cli
