#include <skarma/estimators/decomposition/internal/pca_choices.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::Json;

ParamValue value_of(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number_float()) return json.get<double>();
  return {};
}

TEST(PcaChoices, AutoComesToWhatItDoesInScikitLearn) {
  for (const Json& one : test::golden("pca").at("choices")) {
    EXPECT_EQ(chosen_solver(value_of(one.at("n_components")), one.at("shape")[0],
                            one.at("shape")[1], false),
              one.at("solver"))
        << one;
  }
  EXPECT_EQ(chosen_solver({}, 100, 5, true), "arpack");
}

TEST(PcaChoices, MinkasDimensionIsScikitLearns) {
  for (const Json& one : test::golden("pca").at("dimensions")) {
    EXPECT_EQ(most_likely_dimension(test::numbers(one.at("spectrum")), one.at("n_samples")),
              one.at("dimension"))
        << one;
  }
}

/// A logarithm of 0, for which scikit-learn's is an error, too.
TEST(PcaChoices, EqualVariancesHaveNoLikelyDimension) {
  const std::vector<double> variances{1.0, 1.0, 0.5};
  EXPECT_THROW_WITH(most_likely_dimension(variances, 40), std::invalid_argument,
                    "takes components whose variances differ");
}

TEST(PcaChoices, AShareIsExplainedByTheFewestComponents) {
  const std::vector<double> variances{5, 3, 2}, ratios{0.5, 0.3, 0.2};
  const auto kept = [&](const ParamValue& n) { return kept_components(n, variances, ratios, 9); };
  EXPECT_EQ(kept(0.4), 1);
  EXPECT_EQ(kept(0.5), 2);  // more than half
  EXPECT_EQ(kept(0.79), 2);
  EXPECT_EQ(kept(0.9999), 3);
  EXPECT_EQ(kept({}), 3);
  EXPECT_EQ(kept(std::int64_t{2}), 2);
}

}  // namespace
}  // namespace skarma
