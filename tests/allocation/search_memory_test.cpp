#include <gtest/gtest.h>

#include <skarma/estimators/mlp_classifier.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/standard_scaler.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/tests/allocation/counting_allocator.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

/// The most bytes that a search of six candidates had in use, beyond those before it.
long most_bytes_of_a_search(const Matrix<double>& x, const Target& y, int n_jobs, bool scaled) {
  const MLPClassifier network({.hidden_layer_sizes = {20}, .max_iter = 2, .random_state = 1});
  GridSearchOptions options;
  options.n_jobs = n_jobs;
  options.return_train_score = true;
  const ParamGrid alphas{
      {scaled ? "mlpclassifier__alpha" : "alpha", {1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0}}};
  const long before = test::live_bytes;
  test::most_live_bytes = before;
  if (scaled) {
    GridSearchCV(make_pipeline(StandardScaler(), network), alphas, options).fit(x, y);
  } else {
    GridSearchCV(network, alphas, options).fit(x, y);
  }
  return test::most_live_bytes - before;
}

/// X is stored once. What comes on top is row numbers and targets for each fold (up to 40 bytes a
/// sample and fold), and for each thread a network with its gradient and moments, one batch, and
/// outputs for the samples of a fold (up to 80 bytes a sample).
TEST(SearchMemory, IsABoundedAmountPerThreadBeyondX) {
  constexpr std::size_t n_samples = 6000, n_features = 200, n_folds = 5;
  const auto x = test::random_matrix(n_samples, n_features, 1);
  std::vector<std::int64_t> labels;
  for (std::size_t i = 0; i < n_samples; ++i) labels.push_back(x(i, 0) > 0 ? 1 : 0);
  const Target y(labels);
  constexpr long parameters = n_features * 20 + 20 + 20 + 1;
  constexpr long batch = 200 * (n_features + 3 * 20);
  constexpr long per_thread =
      static_cast<long>(sizeof(double)) * (6 * parameters + 2 * batch) + 80 * n_samples;
  constexpr long folds = 40 * n_samples * n_folds;
  constexpr long x_bytes = sizeof(double) * n_samples * n_features;
  for (const bool scaled : {false, true}) {
    for (const int n_jobs : {1, 3}) {
      const long most = most_bytes_of_a_search(x, y, n_jobs, scaled);
      EXPECT_LT(most, folds + n_jobs * per_thread) << n_jobs << " threads, scaled: " << scaled;
      EXPECT_GT(most, 0);
    }
  }
  EXPECT_LT(folds + per_thread, x_bytes / 2);  // a copy of X would be seen
}

}  // namespace
}  // namespace skarma
