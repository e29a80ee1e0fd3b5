#include <skarma/estimators/mlp/internal/keep_best_start.hpp>

#include <gtest/gtest.h>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/tests/support/classifiers.hpp>

namespace skarma {
namespace {

using test::iris;

TEST(KeepBestStart, KeepsTheLowestLossOfStartsThatDrawInTurn) {
  const auto generator = std::make_shared<RandomState>(3);
  double lowest = 1e9;
  std::vector<Matrix<double>> coefs;
  for (int i = 0; i < 4; ++i) {
    MLPClassifier one({.hidden_layer_sizes = {3}, .max_iter = 10});
    one.set_random_state(RandomSeed(generator));
    one.fit(iris().x, iris().y);
    if (one.loss() < lowest) coefs = one.coefs();
    lowest = std::min(lowest, one.loss());
  }
  MLPClassifier best({.hidden_layer_sizes = {3}, .max_iter = 10, .random_state = 3, .n_init = 4});
  best.fit(iris().x, iris().y);
  EXPECT_EQ(best.loss(), lowest);
  EXPECT_EQ(best.coefs(), coefs);
  EXPECT_EQ(best.params().n_init, 4);
  EXPECT_EQ(best.params().random_state.seed(), 3);
}

TEST(KeepBestStart, ACallbackIsToldOfEachStart) {
  struct Count : FitCallback {
    int n = 0;
    void on_begin(FitProgress&) override { ++n; }
  };
  const auto count = std::make_shared<Count>();
  MLPClassifier model({.hidden_layer_sizes = {3}, .max_iter = 2, .random_state = 3, .n_init = 3});
  model.fit(iris().x, iris().y, {.control = {.callbacks = {count}}});
  EXPECT_EQ(count->n, 3);
}

}  // namespace
}  // namespace skarma
