#include <skarma/cli/input/csv_format.hpp>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma::cli {
namespace {

char separator(std::string_view text) { return format_of("t.csv", text).separator; }

TEST(CsvFormat, TheSeparatorIsTheSameInEveryLine) {
  EXPECT_EQ(separator("a,b\n1,2\n"), ',');
  EXPECT_EQ(separator("a;b,c\n1;2\n"), ';');
  EXPECT_EQ(separator("0,5;1,5;1\n0,7;2,5;0\n"), ';');
  EXPECT_EQ(separator("a|b\n1|2\n"), '|');
  EXPECT_EQ(separator("a\tb\n1\t\n\t\n"), '\t');
  EXPECT_EQ(separator("\"a;b;c\",d\n"), ',');
  EXPECT_EQ(separator("a;b;c,d\n1;2\n"), ';') << "which the first line has most";
  EXPECT_EQ(separator("a\n1\n"), ',');
  EXPECT_EQ(separator(""), ',');
}

TEST(CsvFormat, CommentsAtTheTop) {
  const CsvFormat format = format_of("t.csv", "# by a program\n# a;b\na,b\n1,2\n");
  EXPECT_EQ(format.n_comments, 2u);
  EXPECT_FALSE(format.comment_is_header);
  EXPECT_EQ(format.separator, ',');
  EXPECT_TRUE(format_of("t.csv", "# a, b\n1,2\n").comment_is_header);
  EXPECT_FALSE(format_of("t.csv", "#1,2\n3,4\n").comment_is_header) << "a sample put out of use";
}

TEST(CsvFormat, AHashCanBeTheNameOfAColumn) {
  const CsvFormat format = format_of("t.csv", "#,Name,Type\n1,a,b\n");
  EXPECT_EQ(format.n_comments, 0u);
  EXPECT_EQ(format.n_lines_above, 0u);
  EXPECT_EQ(format_of("t.csv", "# of 2020\n\n#\tName\n1\ta\n").n_comments, 1u);
  EXPECT_EQ(format_of("t.csv", "#, by a program\na,b,c\n1,2,3\n").n_comments, 1u);
}

TEST(CsvFormat, CommentsOfAnyNumberAndBlankLinesAmongThem) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "# line\n";
  const CsvFormat format = format_of("t.csv", text + "\n# the last\na;b\n1;2\n");
  EXPECT_EQ(format.n_comments, 31u);
  EXPECT_EQ(format.n_lines_above, 32u);
  EXPECT_EQ(format.separator, ';');
}

TEST(CsvFormat, HeadersThatBeginAsOtherFormatsDo) {
  for (const char* header :
       {"<DATE>,<OPEN>,<HIGH>", "[Age],[Income]", "PAR1,PAR2,y", "ARROW1,y", "{a},b", "[1],[2]"}) {
    EXPECT_EQ(separator(header + std::string("\n1,2,3\n")), ',') << header;
  }
}

TEST(CsvFormat, WhatIsNoCsvSaysWhatToDo) {
  const auto fails = [](std::string_view text, const std::string& part) {
    EXPECT_THROW_WITH(format_of("t", text), DataError, part);
  };
  fails("% about\n@RELATION t\n@attribute a numeric\n@data\n1\n", "this is ARFF");
  fails("1 1:0.095 2:1.25\n0 1:-0.9\n", "the format of libsvm");
  fails("1.5 2.5 1\n2.5 3.5 0\n", "separated by spaces; write commas (awk -v OFS=, ");
  for (const char* json :
       {"[{\"a\": 1}]\n", "[[1, 2]]\n", "{\"a\": [1]}\n", "{\n  \"a\": 1\n}\n", "[\n  1\n]\n"}) {
    fails(json, "this is JSON");
  }
  fails("<HTML>\n", "this is HTML");
  fails("<!DOCTYPE html>\n", "XML or HTML");
  fails("<?xml version=\"1.0\"?>\n", "this is XML");
  fails("PK\x03\x04...", "spreadsheet");
  fails("PAR1\x15...", "Parquet");
  fails(std::string_view("ARROW1\0\0", 8), "Feather");
  fails(
      "\xFF\xFE"
      "a",
      "save the file as UTF-8");
  fails(
      "\xFD"
      "7zXZ",
      "xz -dc FILE");
  format_of("t", "New York\nLos Angeles and more\n");
}

}  // namespace
}  // namespace skarma::cli
