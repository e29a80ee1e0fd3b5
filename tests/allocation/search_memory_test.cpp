#include <atomic>

#include <gtest/gtest.h>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/model_selection/cross_validate.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/model_selection/leave_one_out.hpp>
#include <skarma/tests/allocation/counting_allocator.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

/// The most bytes that a search of six candidates had in use, beyond those before it.
long most_bytes_of_a_search(const Matrix<double>& x, const Target& y, int n_jobs, bool scaled,
                            const char* solver = "adam") {
  const MLPClassifier network(
      {.hidden_layer_sizes = {20}, .solver = solver, .max_iter = 2, .random_state = 1});
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

Target whether_first_is_positive(const Matrix<double>& x) {
  std::vector<std::int64_t> labels;
  for (std::size_t i = 0; i < x.rows(); ++i) labels.push_back(x(i, 0) > 0 ? 1 : 0);
  return Target(labels);
}

/// What a search may have in use beside X, which is stored once: row numbers and targets for each
/// fold (up to 40 bytes a sample and fold), and for each thread a network with its gradient and
/// moments, one batch, and outputs for the samples of a fold (up to 80 bytes a sample).
long allowed_bytes(const Matrix<double>& x, long n_jobs, long more_per_thread = 0) {
  const auto n_samples = static_cast<long>(x.rows()), n_features = static_cast<long>(x.cols());
  constexpr long n_folds = 5, number = sizeof(double);
  const long parameters = n_features * 20 + 20 + 20 + 1;
  const long batch = 200 * (n_features + 3 * 20);
  const long per_thread = number * (6 * parameters + 2 * batch) + 80 * n_samples;
  return 40 * n_samples * n_folds + n_jobs * (per_thread + more_per_thread);
}

long bytes_of(const Matrix<double>& x) {
  return static_cast<long>(sizeof(double) * x.values().size());
}

TEST(SearchMemory, IsABoundedAmountPerThreadBeyondX) {
  const auto x = test::random_matrix(6000, 200, 1);
  const Target y = whether_first_is_positive(x);
  for (const bool scaled : {false, true}) {
    for (const int n_jobs : {1, 3}) {
      const long most = most_bytes_of_a_search(x, y, n_jobs, scaled);
      EXPECT_LT(most, allowed_bytes(x, n_jobs)) << n_jobs << " threads, scaled: " << scaled;
      EXPECT_GT(most, 0);
    }
  }
  EXPECT_LT(allowed_bytes(x, 1), bytes_of(x) / 2);  // a copy of X would be seen
}

/// L-BFGS takes all samples of a fold in each iteration, where they lie; on top come its last ten
/// steps and the sums of eight lanes.
TEST(SearchMemory, IsABoundedAmountPerThreadWithLbfgs) {
  const auto x = test::random_matrix(6000, 200, 1);
  const Target y = whether_first_is_positive(x);
  constexpr long lanes_and_steps = sizeof(double) * 40 * (200 * 20 + 41);
  for (const int n_jobs : {1, 2}) {
    EXPECT_LT(most_bytes_of_a_search(x, y, n_jobs, false, "lbfgs"),
              allowed_bytes(x, n_jobs, lanes_and_steps))
        << n_jobs << " threads";
  }
  EXPECT_LT(allowed_bytes(x, 1, lanes_and_steps), bytes_of(x) / 2);
}

/// A thread keeps up to 16 MiB of entries that it has found, however many there are.
TEST(SearchMemory, IsABoundedAmountPerThreadForSamplesOfFewEntries) {
  const auto x = test::sparse_matrix(15000, 200, 0.1, 1).dense;
  const Target y = whether_first_is_positive(x);
  for (const int n_jobs : {1, 2}) {
    const long most = most_bytes_of_a_search(x, y, n_jobs, false);
    EXPECT_LT(most, allowed_bytes(x, n_jobs, 16 << 20)) << n_jobs << " threads";
  }
  EXPECT_LT(allowed_bytes(x, 1, 16 << 20), bytes_of(x));
}

/// A training part of each fold would be 1000 row numbers and targets, 1000 times.
TEST(SearchMemory, OfLeavingOneOutDoesNotGrowWithItsSquare) {
  const auto x = test::random_matrix(1000, 2, 1);
  const Target y = whether_first_is_positive(x);
  const MLPClassifier network({.hidden_layer_sizes = {}, .max_iter = 1, .random_state = 1});
  for (const int n_jobs : {1, 2}) {
    const long before = test::live_bytes;
    test::most_live_bytes = before;
    CrossValidateOptions options;
    options.cv = LeaveOneOut();
    options.n_jobs = n_jobs;
    cross_validate(network, x, y, options);
    EXPECT_LT(test::most_live_bytes - before, 1'000'000) << n_jobs << " threads";
  }
}

/// The bytes in use when the first fit starts, and the most of the whole search, of `n` candidates
/// whose parameters have long names.
struct SearchBytes {
  long at_first_fit;
  long most;
};

SearchBytes bytes_of_candidates(std::size_t n, int n_jobs) {
  const auto x = test::random_matrix(10, 2, 1);
  const Target y = whether_first_is_positive(x);
  const MLPClassifier network({.hidden_layer_sizes = {1}, .max_iter = 1, .random_state = 1});
  const auto estimator = make_pipeline(StandardScaler(), network);
  const std::vector<ParamValue> alphas(n, 1e-4);
  const ParameterGrid grid(
      ParamGrid{{"mlpclassifier__alpha", alphas}, {"mlpclassifier__learning_rate_init", {1e-3}}});
  const long before = test::live_bytes;
  test::most_live_bytes = before;
  SearchBytes bytes{};
  std::atomic<bool> started{false};
  GridSearchOptions options;
  options.cv = KFold(2);
  options.refit = false;
  options.n_jobs = n_jobs;
  options.before_fit = [&](Estimator&) {
    if (!started.exchange(true)) bytes.at_first_fit = test::live_bytes - before;
  };
  GridSearchCV(estimator, grid, options).fit(x, y);
  bytes.most = test::most_live_bytes - before;
  return bytes;
}

/// A candidate that was made up front would be an estimator of some kilobytes. From the start there
/// are the three figures of its two fits, 4 bytes that count them, the 40 of the order and the 8 of
/// the work that is expected: 100, and what threads have in the making. In the end it has nine
/// numbers more and its two parameters as columns, of 48 bytes each.
TEST(SearchMemory, ACandidateTakesMemoryForItsResultsOnly) {
  for (const int n_jobs : {1, 2}) {
    const SearchBytes few = bytes_of_candidates(200, n_jobs);
    const SearchBytes many = bytes_of_candidates(2200, n_jobs);
    EXPECT_LT((many.at_first_fit - few.at_first_fit) / 2000, 104) << n_jobs << " threads";
    EXPECT_LT((many.most - few.most) / 2000, 260) << n_jobs << " threads";
  }
}

}  // namespace
}  // namespace skarma
