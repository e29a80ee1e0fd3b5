#include <skarma/cli/input/csv_cell.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma::cli {
namespace {

TEST(CsvCell, FiniteNumbersOnly) {
  EXPECT_EQ(read_number("-2.5"), -2.5);
  EXPECT_EQ(read_number("+1e3"), 1000.0);
  EXPECT_EQ(read_number("1e-400"), 0.0);
  for (const auto* word :
       {"", "x", "1x", "1e999", "nan", "inf", "-inf", "0x10", "1,5", "--1", "+-1", "True"}) {
    EXPECT_EQ(read_number(word), std::nullopt) << word;
  }
  EXPECT_EQ(read_feature("True"), 1.0);
  EXPECT_EQ(read_feature("false"), 0.0);
  EXPECT_EQ(read_feature("0.5"), 0.5);
}

TEST(CsvCell, WholeNumbersKeepAllTheirDigits) {
  EXPECT_EQ(read_whole("6120000000000000001"), 6120000000000000001);
  EXPECT_EQ(read_whole("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(read_whole("+1"), 1);
  EXPECT_EQ(read_whole("2.0"), 2);
  EXPECT_EQ(read_whole("1e3"), 1000);
  for (const auto* cell : {"9223372036854775808", "1e300", "0.5", "x", ""}) {
    EXPECT_EQ(read_whole(cell), std::nullopt) << cell;
  }
}

TEST(CsvCell, Kinds) {
  const auto all_are = [](CellKind kind, std::initializer_list<const char*> cells) {
    for (const char* cell : cells) EXPECT_EQ(kind_of(cell), kind) << cell;
  };
  all_are(CellKind::number, {"1", "-2.5", "+4", "1e-3", "007"});
  all_are(CellKind::truth, {"True", "FALSE", "true"});
  all_are(CellKind::missing, {"", "nan", "NaN", "?", "#N/A", "<NA>"});
  all_are(CellKind::none, {"NA", "None", "NULL"});
  all_are(CellKind::not_finite, {"inf", "-inf", "Infinity", "1e400"});
  all_are(CellKind::decorated,
          {"1,234.5", "0,5", "1.234,5", "12 %", "$3", "3 €", "1'000", "1_000"});
  all_are(CellKind::date, {"2024-01-31", "31/1/24", "1.2.2024", "12:30", "2024-01-31 10:00:00"});
  all_are(CellKind::word, {"a", "e5", "x1", "1st", "red", "Na", "no", "a-b", "5.1cm"});
}

TEST(CsvCell, ProblemsSayWhatToDo) {
  const auto says = [](const char* cell, const char* part) {
    const std::string problem = number_problem(cell, "a");
    EXPECT_TRUE(skarma::test::contains(problem, part)) << problem;
  };
  says("", "the cell is empty ('a')");
  says("NA", "the value of 'a' is missing ('NA')");
  says("1,5", "with a decimal point");
  says("2024-01-31", "is a date");
  says("red", "columns of 0 and 1");
  says("inf", "'inf' is not a finite number");
  says("4.x", "'4.x' is not a number");
  says("True", "'True' is not a number");
  EXPECT_EQ(shortened(std::string(100, 'x')), std::string(40, 'x') + "...");
}

}  // namespace
}  // namespace skarma::cli
