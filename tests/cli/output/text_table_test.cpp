#include <skarma/cli/output/text_table.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

namespace skarma::cli {
namespace {

using enum TextTable::Align;

TextTable example_table() {
  TextTable table;
  table.add_column("name", left, {"a", "longer"});
  table.add_column("x", right, {"10.5", "2"});
  return table;
}

TEST(TextTable, LinesUp) {
  EXPECT_EQ(example_table().text(false, 1),
            "name       x\n"
            "a       10.5\n"
            "longer     2\n");
}

TEST(TextTable, KnowsItsWidth) { EXPECT_EQ(example_table().width(), 12u); }

TEST(TextTable, ColourMarksTitlesAndOneRow) {
  EXPECT_EQ(example_table().text(true, 0),
            "\x1b[4mname       x\x1b[0m\n"
            "\x1b[1;32ma       10.5\x1b[0m\n"
            "longer     2\n");
}

TEST(TextTable, CountsCharactersNotBytes) {
  EXPECT_EQ(display_width("Größe"), 5u);
  TextTable table;
  table.add_column("a", left, {"ü", "uu"});
  table.add_column("b", left, {"1", "2"});
  EXPECT_EQ(table.text(false), "a   b\nü   1\nuu  2\n");
}

TEST(TextTable, ColumnsHaveOneLength) {
  TextTable table = example_table();
  EXPECT_THROW(table.add_column("short", left, {"a"}), std::logic_error);
  EXPECT_EQ(TextTable().text(true), "");
}

}  // namespace
}  // namespace skarma::cli
