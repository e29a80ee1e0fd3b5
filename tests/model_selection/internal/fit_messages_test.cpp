#include <skarma/model_selection/internal/fit_messages.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

FitResult failed(const std::string& text) {
  FitResult result;
  result.fit_error = text;
  return result;
}

TEST(FitMessages, EachTextIsSaidOnceWithItsCount) {
  FitMessages messages;
  for (const char* text : {"slow", "", "large", "slow"}) {
    FitResult result;
    result.fit_warning = text;
    messages.add(result);
  }
  EXPECT_EQ(messages.fit_warnings(4),
            (std::vector<std::string>{"1 of 4 fits: large", "2 of 4 fits: slow"}));
  EXPECT_TRUE(messages.failures(4, 0.0).empty());
}

TEST(FitMessages, FailedFitsAndScoringsAreWarnedOf) {
  FitMessages messages;
  messages.add(failed("bad"));
  FitResult unscored;
  unscored.score_errors = {"no figure", "no figure"};
  messages.add(unscored);
  const auto warnings = messages.failures(2, -1.0);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_TRUE(test::contains(warnings[0], "1 fits failed out of a total of 2."));
  EXPECT_TRUE(test::contains(warnings[0], "set to -1."));
  EXPECT_TRUE(test::contains(warnings[0], "\n1 fits failed with the following error:\nbad"));
  EXPECT_TRUE(test::contains(warnings[1], "Scoring failed 2 times."));
  EXPECT_TRUE(test::contains(warnings[1], "no figure"));
}

TEST(FitMessages, ThrowsWhereAllFitsHaveFailed) {
  FitMessages messages;
  EXPECT_TRUE(messages.failures(0, 0.0).empty());
  messages.add(failed("bad"));
  EXPECT_EQ(messages.failures(2, 0.0).size(), 1u);
  messages.add(failed("worse"));
  EXPECT_THROW_WITH(messages.failures(2, 0.0), std::invalid_argument, "All the 2 fits failed.");
}

}  // namespace
}  // namespace skarma
