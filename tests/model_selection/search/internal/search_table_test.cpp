#include <skarma/model_selection/search/internal/search_table.hpp>

#include <memory>

#include <gtest/gtest.h>

#include <skarma/model_selection/parameter_grid.hpp>

namespace skarma {
namespace {

void put(SearchTable& table, std::size_t candidate, std::size_t fold, double test, double train) {
  FitResult result;
  result.test_scores = {test};
  result.train_scores = {train};
  result.fit_time = 2.0;
  std::unique_ptr<Estimator> estimator;
  table.put({candidate, fold, result, estimator});
}

TEST(SearchTable, HasARowForEachCandidateThatIsComplete) {
  const ParameterGrid grid(ParamGrid{{"a", {1.0, 2.0, 3.0}}});
  const Scoring scoring;
  SearchTable table(3, 2, scoring, true);
  put(table, 2, 1, 0.5, 0.75);
  put(table, 0, 0, 0.25, 0.0);
  put(table, 1, 0, 1.0, 1.0);
  EXPECT_TRUE(table.complete().empty());
  put(table, 2, 0, 1.0, 0.25);
  put(table, 0, 1, 0.25, 0.0);
  EXPECT_TRUE(table.is_complete(2));
  EXPECT_FALSE(table.is_complete(1));
  EXPECT_EQ(table.complete(), (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(table.mean_test_score(2, 0), 0.75);

  const CvResults results = std::move(table).write(grid);
  EXPECT_EQ(results.params.size(), 2u);
  EXPECT_EQ(results.params[1], (ParamSet{{"a", 3.0}}));
  EXPECT_EQ(results.numbers("mean_test_score"), (std::vector<double>{0.25, 0.75}));
  EXPECT_EQ(results.numbers("split1_test_score"), (std::vector<double>{0.25, 0.5}));
  EXPECT_EQ(results.numbers("mean_train_score"), (std::vector<double>{0.0, 0.5}));
  EXPECT_EQ(results.numbers("mean_fit_time"), (std::vector<double>{2.0, 2.0}));
  EXPECT_EQ(results.ranks("rank_test_score"), (std::vector<std::int32_t>{2, 1}));
  std::vector<std::string> names;
  for (const CvColumn& column : results.columns) names.push_back(column.name);
  EXPECT_EQ(names, (std::vector<std::string>{
                       "mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time",
                       "param_a", "split0_test_score", "split1_test_score", "mean_test_score",
                       "std_test_score", "rank_test_score", "split0_train_score",
                       "split1_train_score", "mean_train_score", "std_train_score"}));
}

}  // namespace
}  // namespace skarma
