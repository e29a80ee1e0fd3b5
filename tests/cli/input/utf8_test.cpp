#include <skarma/cli/input/utf8.hpp>

#include <gtest/gtest.h>

namespace skarma::cli {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, TextHasNothingWrong) {
  for (const auto text :
       {""sv, "plain"sv, "Größe"sv, "日本"sv, "\xF0\x9F\x98\x80"sv, "\xF4\x8F\xBF\xBF"sv}) {
    EXPECT_EQ(find_not_utf8(text), std::nullopt) << text;
  }
}

TEST(Utf8, FindsTheFirstBadByte) {
  EXPECT_EQ(find_not_utf8("ab\xE9"sv), 2u);            // Latin-1
  EXPECT_EQ(find_not_utf8("a\xC3"sv), 1u);             // cut off
  EXPECT_EQ(find_not_utf8("\x80"sv), 0u);              // no beginning
  EXPECT_EQ(find_not_utf8("\xC0\xAF"sv), 0u);          // overlong
  EXPECT_EQ(find_not_utf8("\xE0\x9F\xBF"sv), 0u);      // overlong
  EXPECT_EQ(find_not_utf8("\xED\xA0\x80"sv), 0u);      // a surrogate
  EXPECT_EQ(find_not_utf8("\xF0\x8F\xBF\xBF"sv), 0u);  // overlong
  EXPECT_EQ(find_not_utf8("\xF4\x90\x80\x80"sv), 0u);  // beyond Unicode
  EXPECT_EQ(find_not_utf8("\xF5\x80\x80\x80"sv), 0u);  // beyond Unicode
  EXPECT_EQ(find_not_utf8("x\xE2\x28\xA1"sv), 1u);     // broken inside
  EXPECT_EQ(find_not_utf8("a\0b"sv), 1u);              // NUL
}

}  // namespace
}  // namespace skarma::cli
