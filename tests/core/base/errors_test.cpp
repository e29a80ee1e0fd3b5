#include <skarma/core/base/errors.hpp>

#include <gtest/gtest.h>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(Errors, DataErrorNamesThePlace) {
  const DataError error("a.csv", 7, 3, "'x' is no number");
  EXPECT_STREQ(error.what(), "a.csv, line 7, column 3: 'x' is no number");
  EXPECT_EQ(error.line(), 7u);
  EXPECT_EQ(error.column(), 3u);
  EXPECT_STREQ(DataError("a.csv", 0, 0, "empty").what(), "a.csv: empty");
  EXPECT_STREQ(DataError("a.csv", 2, 0, "short").what(), "a.csv, line 2: short");
}

TEST(Errors, AFailedCheckIsALogicErrorWithItsPlace) {
  EXPECT_NO_THROW(SKARMA_CHECK(1 + 1 == 2));
  EXPECT_THROW_WITH(SKARMA_CHECK(1 + 1 == 3), std::logic_error, "1 + 1 == 3 does not hold at");
}

}  // namespace
}  // namespace skarma
