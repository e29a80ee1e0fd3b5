#include <skarma/model_selection/search/internal/search_sink.hpp>

#include <cmath>
#include <memory>

#include <gtest/gtest.h>

#include <skarma/model_selection/search/exhaustive_source.hpp>

namespace skarma {
namespace {

struct SearchSinkTest : testing::Test {
  const ExhaustiveSource source{ParameterGrid(ParamGrid{{"a", {1.0, 2.0, 3.0, 4.0}}}), 2};
  GridSearchOptions options;

  static void take(SearchSink& sink, std::size_t candidate, std::size_t fold, double score,
                   bool done = true) {
    FitResult result;
    result.done = done;
    result.test_scores = {score};
    result.fit_warning = "slow";
    std::unique_ptr<Estimator> estimator;
    sink.take({candidate, fold, result, estimator});
  }
};

TEST_F(SearchSinkTest, TheBestIsTheFirstOfEqualOnesThatAreComplete) {
  std::vector<std::string> best;
  std::size_t n_done = 0;
  options.progress = [&](const SearchProgress& progress) {
    EXPECT_EQ(progress.n_done, ++n_done);
    EXPECT_EQ(progress.n_all, 8u);
    best.push_back(progress.best_params ? to_text((*progress.best_params)[0].second) : "");
    EXPECT_EQ(progress.best_params == nullptr, n_done == 1);
  };
  SearchSink sink(source, options, 0);
  const double nan = std::nan("");
  for (const std::size_t fold : {0u, 1u}) take(sink, 3, fold, nan);
  for (const std::size_t fold : {0u, 1u}) take(sink, 2, fold, 0.5);
  for (const std::size_t fold : {0u, 1u}) take(sink, 0, fold, 0.5);
  for (const std::size_t fold : {0u, 1u}) take(sink, 1, fold, 0.5);
  EXPECT_EQ(best, (std::vector<std::string>{"", "4.0", "4.0", "3.0", "3.0", "1.0", "1.0", "1.0"}));
}

/// A stop in the middle of its scores leaves its warning and nothing else.
TEST_F(SearchSinkTest, WhatIsNotDoneIsToldNobody) {
  std::size_t n_told = 0;
  options.observer = [&](const FitReport&) { ++n_told; };
  options.progress = [&](const SearchProgress&) { ++n_told; };
  SearchSink sink(source, options, 0);
  take(sink, 0, 0, 0.5, false);
  EXPECT_EQ(n_told, 0u);
  EXPECT_EQ(sink.messages().fit_warnings(8), std::vector<std::string>{"1 of 8 fits: slow"});
  take(sink, 0, 1, 0.5);
  EXPECT_EQ(n_told, 2u);
  EXPECT_TRUE(sink.table().complete().empty());
}

}  // namespace
}  // namespace skarma
