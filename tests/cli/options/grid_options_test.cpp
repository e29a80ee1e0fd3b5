#include <skarma/cli/options/grid_options.hpp>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/usage_error.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma::cli {
namespace {

std::vector<ParamSet> candidates(std::vector<std::string> arguments) {
  CLI::App app;
  GridOptions options;
  options.add_to(app);
  std::reverse(arguments.begin(), arguments.end());
  app.parse(std::move(arguments));
  return options.make(MLPClassifier()).candidates();
}

TEST(GridOptions, RepeatedGridsAreMultiplied) {
  EXPECT_EQ(candidates({"--grid", "alpha=1,2,3", "--grid", "hidden-layer-sizes=(5,),(2,2)"}).size(),
            6u);
  EXPECT_EQ(candidates({}), std::vector<ParamSet>{{}});
}

TEST(GridOptions, ABracketedListIsOneValue) {
  EXPECT_EQ(candidates({"--grid=hidden_layer_sizes=[3,4]"}).size(), 1u);
}

TEST(GridOptions, ListsOfActivationsAreCheckedBesideTheirLayers) {
  EXPECT_EQ(candidates({"--grid", "hidden_layer_sizes=(5,4),(2,2)", "--grid",
                        "activation=relu,[relu,tanh],(silu,tanh)"})
                .size(),
            6u);
  EXPECT_THROW_WITH(candidates({"--grid", "hidden_layer_sizes=(5,4),(2,)", "--grid",
                                "activation=relu,[relu,tanh]"}),
                    std::invalid_argument,
                    "Got a list of length 2 for hidden_layer_sizes of length 1 instead.");
}

TEST(GridOptions, EveryCandidateIsCheckedBeforehand) {
  EXPECT_THROW_WITH(candidates({"--grid", "alpha=1,-1"}), std::invalid_argument, "'alpha'");
  EXPECT_THROW_WITH(candidates({"--grid", "alhpa=1"}), std::invalid_argument, "'alpha'?");
  EXPECT_THROW_WITH(candidates({"--grid", "shuffle=perhaps"}), std::invalid_argument, "'shuffle'");
  EXPECT_THROW_WITH(candidates({"--grid", "alpha=1", "--grid-file", "g.json"}), UsageError,
                    "not both");
}

}  // namespace
}  // namespace skarma::cli
