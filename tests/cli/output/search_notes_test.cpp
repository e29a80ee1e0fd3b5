#include <skarma/cli/output/search_notes.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/cli/run_app.hpp>

namespace skarma::cli {
namespace {

using Parameters = std::vector<std::optional<ParamValue>>;
using Notes = std::vector<std::string>;

/// What is said about a parameter whose candidates have these scores.
Notes notes(const std::string& name, const Parameters& values, const std::vector<double>& scores) {
  const CvResults results{
      .params = std::vector<ParamSet>(values.size()),
      .columns = {{"param_" + name, values}, {"rank_test_score", ranks_of(scores)}}};
  const auto& ranks = results.ranks("rank_test_score");
  const auto best = std::min_element(ranks.begin(), ranks.end()) - ranks.begin();
  return edge_notes(results, static_cast<std::size_t>(best), "score", test::as_it_is);
}

TEST(EdgeNotes, TheBestIsTheSmallestOrTheLargest) {
  const Parameters alphas = {0.1, 10.0, 1.0};
  EXPECT_EQ(notes("alpha", alphas, {0.1, 0.9, 0.2}),
            Notes{"the best alpha, 10, is the largest of the 3 that were tried: larger ones may be "
                  "better"});
  EXPECT_EQ(notes("alpha", alphas, {0.9, 0.1, 0.2}),
            Notes{"the best alpha, 0.1, is the smallest of the 3 that were tried: smaller ones may "
                  "be better"});
  EXPECT_EQ(notes("alpha", alphas, {0.1, 0.2, 0.9}), Notes{});
}

TEST(EdgeNotes, NothingIsSaidWhereNothingWouldHelp) {
  EXPECT_EQ(notes("alpha", {0.1, 10.0, 1.0}, {0.9, 0.1, 0.9}), Notes{}) << "one inside is as good";
  EXPECT_EQ(notes("alpha", {0.0, 0.1, 1.0}, {0.9, 0.1, 0.2}), Notes{}) << "alpha ends at 0";
  EXPECT_EQ(notes("alpha", {0.1, 1.0}, {0.9, 0.1}), Notes{}) << "two values have no inside";
  EXPECT_EQ(notes("random_state", {1, 2, 3}, {0.9, 0.1, 0.2}), Notes{}) << "seeds have no order";
  EXPECT_EQ(notes("solver", {"lbfgs", "sgd", "adam"}, {0.9, 0.1, 0.2}), Notes{});
}

}  // namespace
}  // namespace skarma::cli
