#include <skarma/cli/options/transformer_list.hpp>

#include <gtest/gtest.h>

#include <skarma/estimators/preprocessing/transformer_kinds.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma::cli {
namespace {

TEST(TransformerList, EveryClassHasItsWord) {
  EXPECT_TRUE(transformers_of("none").empty());
  for (const TransformerKind& kind : transformer_kinds()) {
    const auto steps = transformers_of(kind.word);
    ASSERT_EQ(steps.size(), 1);
    EXPECT_EQ(steps.front()->name(), kind.name);
  }
}

TEST(TransformerList, StepsFollowOneAnotherWithTheirParameters) {
  const auto steps =
      transformers_of("robust(quantile_low=10, unit_variance = true), normalizer(norm=l1)");
  ASSERT_EQ(steps.size(), 2);
  const ParamSet expected = {{"with_centering", true},
                             {"with_scaling", true},
                             {"quantile_low", 10.0},
                             {"quantile_high", 75.0},
                             {"unit_variance", true}};
  EXPECT_EQ(steps[0]->parameters(), expected);
  EXPECT_EQ(steps[1]->parameters(), (ParamSet{{"norm", std::string("l1")}}));
}

TEST(TransformerList, MistakesAreNamed) {
  const auto expect_error = [](const char* text, const char* message) {
    SCOPED_TRACE(text);
    EXPECT_THROW_WITH(transformers_of(text), std::invalid_argument, message);
  };
  expect_error("robst", "got 'robst'. Did you mean 'robust'?");
  expect_error("standard,", "got ''");
  expect_error("robust(unit_varianc=true)", "Did you mean 'unit_variance'?");
  expect_error("robust(unit_variance=5)", "'unit_variance' parameter of RobustScaler must be");
  expect_error("robust(true)", "'true' of robust must be written parameter=value");
  expect_error("robust(unit_variance=true", "does not end with its parenthesis");
}

}  // namespace
}  // namespace skarma::cli
