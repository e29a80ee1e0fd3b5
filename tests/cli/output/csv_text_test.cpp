#include <skarma/cli/output/csv_text.hpp>

#include <gtest/gtest.h>

namespace skarma::cli {
namespace {

TEST(CsvCell, QuotesWhatNeedsIt) {
  EXPECT_EQ(csv_cell("a b"), "a b");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("say \"a\""), "\"say \"\"a\"\"\"");
  EXPECT_EQ(csv_cell("two\nlines"), "\"two\nlines\"");
}

}  // namespace
}  // namespace skarma::cli
