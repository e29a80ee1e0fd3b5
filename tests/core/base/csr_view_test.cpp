#include <skarma/core/base/csr_view.hpp>

#include <vector>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using Values = std::vector<double>;
using Columns = std::vector<std::int32_t>;
using Starts = std::vector<std::int64_t>;

std::string refusal(const Values& values, const Columns& columns, const Starts& starts) {
  return test::message_of<std::invalid_argument>(
      [&] { CsrView<double>(values, columns, starts, 3); });
}

TEST(CsrView, ShowsRowsOfAnyLength) {
  const Values values{5, 6, 7};
  const Columns columns{2, 0, 1};
  const Starts starts{0, 2, 2, 3};
  const CsrView<double> x(values, columns, starts, 3);
  EXPECT_EQ(x.rows(), 3u);
  EXPECT_EQ(x.row_values(0).size(), 2u);
  EXPECT_EQ(x.row_columns(0)[1], 0);
  EXPECT_TRUE(x.row_values(1).empty());
  EXPECT_EQ(x.row_values(2)[0], 7);
}

TEST(CsrView, ArraysThatDoNotFitAreRefused) {
  EXPECT_TRUE(test::contains(refusal({1, 2}, {0}, {0, 2}), "2 values and 1 columns"));
  EXPECT_TRUE(test::contains(refusal({1}, {0}, {0, 2}), "do not start one after another"));
  EXPECT_TRUE(test::contains(refusal({1, 2}, {0, 1}, {0, 2, 1}), "do not start one after"));
  EXPECT_TRUE(test::contains(refusal({1}, {0}, {-1, 1}), "do not start one after another"));
  EXPECT_TRUE(test::contains(refusal({}, {}, {}), "do not start one after another"));
  EXPECT_TRUE(test::contains(refusal({1}, {3}, {0, 1}), "outside of the 3 columns"));
  EXPECT_TRUE(test::contains(refusal({1}, {-1}, {0, 1}), "outside of the 3 columns"));
}

}  // namespace
}  // namespace skarma
