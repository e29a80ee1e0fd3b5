#include <skarma/cli/input/csv_header.hpp>

#include <gtest/gtest.h>

namespace skarma::cli {
namespace {

using Cells = std::vector<std::string>;

bool detected(const std::vector<Cells>& lines, const KnownNames& known = {}) {
  std::vector<CsvRecord> records;
  for (const Cells& cells : lines) records.push_back({records.size() + 1, cells});
  return looks_like_header(records, known);
}

TEST(LooksLikeHeader, WordsAboveNumbers) {
  EXPECT_TRUE(detected({{"a", "b"}, {"1", "2"}}));
  EXPECT_TRUE(detected({{"a", "b"}, {"x", "y"}}));
  EXPECT_TRUE(detected({{"", "label"}, {"0", "1"}}));
  EXPECT_TRUE(detected({{"age", "2019", "city"}, {"1", "2", "3"}}));
  EXPECT_TRUE(detected({{"c", "y"}, {"False", "1"}}));
  EXPECT_FALSE(detected({{"1", "2"}, {"3", "4"}}));
  EXPECT_FALSE(detected({{"5.1", "3.5", "setosa"}, {"4.9", "3.0", "setosa"}}));
  EXPECT_TRUE(detected({{"a", "b"}}));
  EXPECT_FALSE(detected({{"1", "b"}}));
}

TEST(LooksLikeHeader, ABadNumberIsNoName) {
  for (const char* cell : {"nan", "NA", "?", "inf", "1e400", "1,234.5", "12 %", "4.x"}) {
    EXPECT_FALSE(detected({{cell, "0.5", "1"}, {"0.1", "1.2", "1"}, {"0.3", "1.5", "0"}})) << cell;
  }
  EXPECT_FALSE(detected({{"?", "?", "yes"}, {"1", "2", "no"}}));
  EXPECT_FALSE(detected({{"2024-01-01", "3", "1"}, {"2024-01-02", "5", "0"}}));
}

TEST(LooksLikeHeader, NumbersThatGoOnEvenly) {
  EXPECT_TRUE(detected({{"0", "1", "label"}, {"1", "2", "3"}}));
  EXPECT_TRUE(detected({{"0", "1", "label"}, {"0.1", "1.2", "yes"}, {"0.3", "1.4", "no"}}));
  EXPECT_TRUE(detected({{"2019", "2020", "y"}, {"0.1", "1.2", "yes"}, {"0.3", "1.4", "no"}}));
  EXPECT_TRUE(detected({{"2020", "2019"}, {"0.1", "1.2"}, {"0.3", "1.4"}}));
  EXPECT_TRUE(detected({{"0", "1", "2"}, {"0.095", "1.25", "1"}, {"0.3", "1.4", "0"}}));
  EXPECT_FALSE(detected({{"1", "2", "no"}, {"2", "1", "yes"}, {"3", "5", "no"}}));
  EXPECT_FALSE(detected({{"0", "1", "no"}, {"0.5", "1.5", "yes"}, {"2.5", "1", "no"}}));
  EXPECT_FALSE(detected({{"0", "1"}, {"0.5", "0"}, {"0.25", "1"}}));
  EXPECT_FALSE(detected({{"3", "7", "1"}, {"0.5", "0.5", "0"}}));
}

TEST(LooksLikeHeader, KnownNamesDecide) {
  const std::vector<Cells> years = {{"2019", "2021"}, {"1", "2"}};
  EXPECT_FALSE(detected(years));
  EXPECT_TRUE(detected(years, {.typed = {"2021"}, .model = {}}));
  EXPECT_TRUE(detected(years, {.typed = {}, .model = {"2021", "2019"}}));
  EXPECT_FALSE(detected(years, {.typed = {}, .model = {"2021", "2020"}}));
  const KnownNames model{.typed = {}, .model = {"0", "1", "2"}};
  EXPECT_TRUE(detected({{"0", "2", "9"}, {"1", "2", "3"}}, model)) << "one is missing";
  EXPECT_FALSE(detected({{"0", "1", "0"}, {"1", "1", "0"}}, model)) << "no names: one comes twice";
  EXPECT_FALSE(detected({{"1", "2"}, {"2", "5"}}, {.typed = {"2"}, .model = {}}))
      << "a number that counts columns";
}

}  // namespace
}  // namespace skarma::cli
