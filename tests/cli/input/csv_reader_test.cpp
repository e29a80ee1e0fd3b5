#include <skarma/cli/input/csv_reader.hpp>

#include <zlib.h>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

using namespace std::string_view_literals;
using skarma::test::TemporaryFolder;
using Cells = std::vector<std::string>;

std::vector<CsvRecord> records(const std::string& path) {
  std::vector<CsvRecord> all;
  read_csv(path, [&](CsvRecord record) { all.push_back(std::move(record)); });
  return all;
}

std::vector<CsvRecord> records_of(std::string_view text) {
  const TemporaryFolder folder;
  return records(folder.write("t.csv", text));
}

std::vector<Cells> cells_of(std::string_view text) {
  std::vector<Cells> cells;
  for (CsvRecord& record : records_of(text)) cells.push_back(std::move(record.cells));
  return cells;
}

void write_gzip(const std::string& path, const std::string& text) {
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
}

TEST(CsvReader, EveryWayToEndALine) {
  const std::vector<Cells> expected = {{"a", "b"}, {"1", "2"}};
  EXPECT_EQ(cells_of("a,b\n1,2\n"), expected);
  EXPECT_EQ(cells_of("a,b\n1,2"), expected);
  EXPECT_EQ(cells_of("a,b\r\n1,2\r\n"), expected);
  EXPECT_EQ(cells_of("\xEF\xBB\xBF"
                     "a,b\n1,2\n"),
            expected);
  EXPECT_EQ(cells_of("\n  \na,b\n\n1,2\n\n"), expected);
}

TEST(CsvReader, QuotesAsRfc4180HasThem) {
  EXPECT_EQ(cells_of("\"a,b\",\"say \"\"hi\"\"\",\"\"\n"),
            (std::vector<Cells>{{"a,b", "say \"hi\"", ""}}));
  EXPECT_EQ(cells_of("\"two\nlines\",1\n"), (std::vector<Cells>{{"two\nlines", "1"}}));
  EXPECT_EQ(cells_of(" a , b \n"), (std::vector<Cells>{{"a", "b"}}));
  EXPECT_EQ(cells_of(",\n"), (std::vector<Cells>{{"", ""}}));
}

TEST(CsvReader, FindsTheSeparator) {
  EXPECT_EQ(cells_of("a;b,c\n1;2\n"), (std::vector<Cells>{{"a", "b,c"}, {"1", "2"}}));
  EXPECT_EQ(cells_of("a;b;c,d\n"), (std::vector<Cells>{{"a", "b", "c,d"}}));
  EXPECT_EQ(cells_of("a\tb\n1\t\n\t\n"), (std::vector<Cells>{{"a", "b"}, {"1", ""}, {"", ""}}));
  EXPECT_EQ(cells_of("\"a;b;c\",d\n"), (std::vector<Cells>{{"a;b;c", "d"}}));
}

TEST(CsvReader, CountsTheLinesOfTheFile) {
  const auto all = records_of("a,b\n\n\"x\ny\",2\n \t\n3,4\n");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].line, 1u);
  EXPECT_EQ(all[1].line, 3u);
  EXPECT_EQ(all[2].line, 6u);
}

TEST(CsvReader, PassesOverCommentsAtTheTop) {
  const auto all = records_of("# made by a program\n\n# on a day\na,b\n1,2\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].line, 4u);
  const auto named = records_of("# made by a program\n# a, b\n1,2\n");
  ASSERT_EQ(named.size(), 2u);
  EXPECT_EQ(named[0].cells, (Cells{"a", "b"}));
  EXPECT_EQ(named[0].line, 2u);
}

TEST(CsvReader, LongLinesAndManyOfThem) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i) + ",some text to fill the line\n";
  const auto all = records_of(text);
  ASSERT_EQ(all.size(), 20000u);
  EXPECT_EQ(all[12345].cells[0], "12345");
  EXPECT_EQ(all[12345].line, 12346u);
  const std::string wide(200000, '7');
  EXPECT_EQ(cells_of(wide + "," + wide), (std::vector<Cells>{{wide, wide}}));
}

TEST(CsvReader, CompressedFiles) {
  const TemporaryFolder folder;
  write_gzip(folder.path("t.csv.gz"), "a,b\n1,2\n");
  EXPECT_EQ(records(folder.path("t.csv.gz")).size(), 2u);

  std::string text;
  for (int i = 0; i < 5000; ++i) text += std::to_string(i * 7919 % 10007) + ",x\n";
  write_gzip(folder.path("long.csv.gz"), text);
  const std::string bytes = folder.read("long.csv.gz");
  folder.write("cut.csv.gz", std::string_view(bytes).substr(0, bytes.size() / 2));
  EXPECT_THROW_WITH(records(folder.path("cut.csv.gz")), DataError, "end too early");
  std::string damaged = bytes;
  for (std::size_t i = 200; i < 220; ++i) damaged[i] = static_cast<char>(~damaged[i]);
  EXPECT_THROW_WITH(records(folder.write("bad.csv.gz", damaged)), DataError, "damaged");
}

TEST(CsvReader, AnEmptyFileHasNoRecords) {
  EXPECT_TRUE(records_of("").empty());
  EXPECT_TRUE(records_of("\xEF\xBB\xBF").empty());
  EXPECT_TRUE(records_of("\n\r\n").empty());
}

TEST(CsvReader, ErrorsNameFileLineAndColumn) {
  const auto fails = [](std::string_view text, const std::string& part) {
    EXPECT_THROW_WITH(records_of(text), DataError, part);
  };
  fails("a,b\n1,\"2\n3,4\n",
        "t.csv, line 2, column 2: a quote (\") is opened here and never closed");
  fails("a,b\n1,2\"3\n", "t.csv, line 2, column 2: a quote (\") stands in the middle of a cell");
  fails("a,b\n\"1\"x,2\n", "t.csv, line 2, column 1: a quote");
  fails("a,b\n1,2\n1,caf\xE9\n", "t.csv, line 3, column 2: byte 0xE9 is no UTF-8 text");
  fails("a,b\n1,\0\n"sv, "t.csv, line 2, column 2: byte 0x00");
  fails(
      "\xFF\xFE"
      "a\0,\0b\0\n\0"sv,
      "t.csv: this is UTF-16 text; save the file as UTF-8");
}

TEST(CsvReader, WhatIsNoFile) {
  const TemporaryFolder folder;
  EXPECT_THROW_WITH(records(folder.path("none.csv")), DataError, "none.csv: No such file");
  EXPECT_THROW_WITH(records(folder.path("")), DataError, "is a directory, not a file");
}

}  // namespace
}  // namespace skarma::cli
