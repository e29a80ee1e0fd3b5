#include <skarma/estimators/io/internal/json_limits.hpp>

#include <string>

#include <gtest/gtest.h>

namespace skarma {
namespace {

std::string many(const std::string& text, int n) {
  std::string all;
  for (int i = 0; i < n; ++i) all += text;
  return all;
}

TEST(JsonLimits, CountsWhatATextHolds) {
  const JsonLimits limits{.depth = 2, .strings = 3, .other_values = 4};
  EXPECT_TRUE(is_json_within(limits, R"(["a","b","c"])"));
  EXPECT_FALSE(is_json_within(limits, R"(["a","b","c","d"])"));
  EXPECT_TRUE(is_json_within(limits, "[1,true,null]"));
  EXPECT_FALSE(is_json_within(limits, "[1,true,null,-2.5]"));
  EXPECT_TRUE(is_json_within(limits, R"({"a":"b","c":[]})"));
  EXPECT_FALSE(is_json_within(limits, R"({"a":1,"c":2})")) << "keys are counted, too";
  EXPECT_TRUE(is_json_within(limits, "[[],[],[]]"));
  EXPECT_FALSE(is_json_within(limits, "[[[]]]"));
}

TEST(JsonLimits, WhatIsNoJsonIsNotWithinThem) {
  const JsonLimits limits = json_limits(0);
  for (const char* text : {"", "{", "[1,]", "nonsense", "{\"a\":1}}", "\"\xff\""}) {
    EXPECT_FALSE(is_json_within(limits, text)) << text;
  }
}

TEST(JsonLimits, ALargeModelHasLongListsAndAnEmptyOneHasNot) {
  const std::string names = "[" + many("\"a\",", 50'000) + "\"a\"]";
  EXPECT_FALSE(is_json_within(json_limits(0), names));
  EXPECT_TRUE(is_json_within(json_limits(50'000 * 4), names));
  EXPECT_FALSE(is_json_within(json_limits(1 << 30), many("[", 40) + many("]", 40)));
}

}  // namespace
}  // namespace skarma
