#include <skarma/model_selection/group_k_fold.hpp>

#include <gtest/gtest.h>

#include <set>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/model_selection/cross_validate.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

// scikit-learn's row numbers are compared in splitters_test.cpp.

TEST(GroupKFold, NeverCutsAGroup) {
  std::vector<int> labels;
  for (int i = 0; i < 60; ++i) labels.push_back(i * 7 % 13);
  const Target y(std::vector<int>(60, 0));
  for (const bool shuffle : {false, true}) {
    std::multiset<RowIndex> tested;
    for (const TrainTest& split : GroupKFold(4, {.shuffle = shuffle}).split(60, y, labels)) {
      std::set<int> in_training;
      for (const RowIndex row : split.train) in_training.insert(labels[row]);
      for (const RowIndex row : split.test) EXPECT_EQ(in_training.count(labels[row]), 0U);
      tested.insert(split.test.begin(), split.test.end());
    }
    EXPECT_EQ(tested.size(), 60U);
  }
}

TEST(GroupKFold, ReachesSearchesAndCrossValidations) {
  const Matrix<double> x(8, 1, {0, 1, 2, 3, 4, 5, 6, 7});
  const std::vector<int> y = {0, 1, 0, 1, 0, 1, 0, 1};
  const std::vector<std::string> groups = {"a", "a", "b", "b", "c", "c", "c", "c"};
  const MLPClassifier model({.hidden_layer_sizes = {2}, .max_iter = 2, .random_state = 0});
  GridSearchCV search(model, ParamGrid{{"alpha", {0.1}}}, {.cv = GroupKFold(2)});
  search.fit(x, y, {}, {}, groups);
  const auto by_groups = cross_validate(model, x, y, {.cv = GroupKFold(2)}, {}, {}, groups);
  const std::vector<TrainTest> folds = {{{0, 1, 2, 3}, {4, 5, 6, 7}}, {{4, 5, 6, 7}, {0, 1, 2, 3}}};
  const auto by_rows = cross_validate(model, x, y, {.cv = folds});
  EXPECT_EQ(by_groups.scores[0].test, by_rows.scores[0].test);
  EXPECT_EQ(search.cv_results().numbers("split0_test_score")[0], by_rows.scores[0].test[0]);
  EXPECT_EQ(search.cv_results().numbers("split1_test_score")[0], by_rows.scores[0].test[1]);
  EXPECT_THROW_WITH(cross_validate(model, x, y, {.cv = GroupKFold(2)}), std::invalid_argument,
                    "GroupKFold needs groups");
}

}  // namespace
}  // namespace skarma
