// Fits, predictions and scores have the same bits whatever the threads of BLAS and ours.
#include <cblas.h>

#include <initializer_list>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

struct Figures {
  std::vector<double> parameters;
  std::vector<double> predictions;
  double score;
};

class SameBits : public ::testing::TestWithParam<const char*> {
 protected:
  /// A fit of two iterations and what it predicts, `hidden` units behind `n_features` features.
  Figures figures(std::size_t n_features, int hidden, int n_threads) const {
    const auto x = test::random_matrix(30, n_features, 1);
    const auto y = test::random_numbers(30, 2);
    MLPRegressor model({.hidden_layer_sizes = {hidden, hidden / 10},
                        .solver = GetParam(),
                        .max_iter = 2,
                        .random_state = 1,
                        .n_threads = n_threads});
    model.fit(x, y);
    return {model.packed_parameters(), model.predict(x).as_doubles(), model.score(x, y)};
  }

  void check(std::size_t n_features, int hidden,
             std::initializer_list<std::pair<int, int>> threads_of_blas_and_ours) const {
    openblas_set_num_threads(1);
    const Figures expected = figures(n_features, hidden, 1);
    for (const auto& [blas, ours] : threads_of_blas_and_ours) {
      SCOPED_TRACE(std::to_string(blas) + " threads of BLAS, " + std::to_string(ours) + " of ours");
      openblas_set_num_threads(blas);
      const Figures got = figures(n_features, hidden, ours);
      EXPECT_TRUE(test::same_bits(got.parameters, expected.parameters));
      EXPECT_TRUE(test::same_bits(got.predictions, expected.predictions));
      EXPECT_EQ(got.score, expected.score);
    }
  }

  void TearDown() override { openblas_set_num_threads(before_); }
  const int before_ = openblas_get_num_threads();
};

/// OpenBLAS shares vectors of more than 10,000 numbers among its threads.
TEST_P(SameBits, OfMoreThan10000Weights) {
  check(100, 110, {{2, 1}, {4, 1}, {1, 2}, {2, 3}, {3, 4}});
}

/// Layers of more than 2^20 coefs are left to BLAS.
TEST_P(SameBits, OfLayersThatAreLeftToBlas) { check(1050, 1000, {{2, 1}, {1, 2}, {3, 4}}); }

TEST_P(SameBits, OfASearch) {
  const auto x = test::random_matrix(200, 20, 1);
  std::vector<std::int64_t> y;
  for (std::size_t i = 0; i < x.rows(); ++i) y.push_back(x(i, 0) + x(i, 1) * x(i, 2) > 0 ? 1 : 0);
  const auto scores = [&](int blas, int ours) {
    openblas_set_num_threads(blas);
    const MLPClassifier model({.hidden_layer_sizes = {100, 100},
                               .solver = GetParam(),
                               .max_iter = 12,
                               .random_state = 1});
    GridSearchCV search(model, ParamGrid{{"alpha", {1e-4, 1.0}}},
                        {.scoring = "neg_log_loss", .cv = 2, .refit = false, .n_jobs = ours});
    search.fit(x, y);
    return search.cv_results().numbers("mean_test_score");
  };
  const auto expected = scores(1, 1);
  for (const auto& [blas, ours] : {std::pair(2, 1), {2, 2}, {3, 4}}) {
    EXPECT_TRUE(test::same_bits(scores(blas, ours), expected)) << blas << ' ' << ours;
  }
}

INSTANTIATE_TEST_SUITE_P(Solvers, SameBits,
                         ::testing::Values("lbfgs", "adam", "sgd", "rmsprop", "adamw", "amsgrad",
                                           "rprop", "gd"),
                         [](const auto& solver) { return std::string(solver.param); });

}  // namespace
}  // namespace skarma
