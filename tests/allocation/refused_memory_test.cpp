// What becomes of work where there is no more memory: each allocation fails once, in turns, alone
// or with some after it. Nothing may end the process.
#include <gtest/gtest.h>

#include <map>
#include <new>
#include <optional>
#include <string>

#include <skarma/core/parallel/thread_team.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/model_selection/cross_validate.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/model_selection/internal/fit_messages.hpp>
#include <skarma/tests/allocation/counting_allocator.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

struct Samples {
  Matrix<double> x;
  Target y;

  explicit Samples(std::size_t n) : x(test::random_matrix(n, 3, 1)), y(labels()) {}

  Target labels() const {
    std::vector<int> all;
    for (std::size_t i = 0; i < x.rows(); ++i) all.push_back(static_cast<int>(i % 2));
    return all;
  }
};

/// Does `work` while `n_refusals` allocations fail, the first after `n_before` others; whether one
/// did. Want of memory may come out of it, no other exception.
template <class Work>
bool is_refused(long n_before, long n_refusals, Work work) {
  test::n_refusals = n_refusals;
  test::n_before_refusal = n_before;
  try {
    work();
  } catch (const std::bad_alloc&) {
  }
  const bool refused = test::n_refusals < n_refusals;
  test::n_before_refusal = -1;
  return refused;
}

MLPClassifier network(const char* solver, int n_threads) {
  return MLPClassifier({.hidden_layer_sizes = {3},
                        .solver = solver,
                        .batch_size = 200,
                        .max_iter = 2,
                        .random_state = 1,
                        .n_threads = n_threads});
}

class RefusedMemory : public testing::TestWithParam<long> {};

/// As many samples as make lanes of L-BFGS, whose tasks allocate, for two threads.
TEST_P(RefusedMemory, AFitThrowsOrEnds) {
  const Samples samples(1100);
  for (const char* solver : {"adam", "lbfgs"}) {
    long n = 0;
    MLPClassifier model = network(solver, 2);
    while (is_refused(n, GetParam(), [&] { model.fit(samples.x, samples.y); })) ++n;
    EXPECT_GT(n, 20) << solver;
    EXPECT_EQ(model.predict(samples.x).n_samples(), 1100u);
  }
}

/// The allocations of the search itself may fail it; those of fits and scores are the cell's.
TEST_P(RefusedMemory, AFitOfASearchThatFailsLeavesTheOthers) {
  const Samples samples(40);
  long n = 0, n_partial = 0;
  std::optional<GridSearchCV> search;
  const auto work = [&] {
    GridSearchOptions options;
    options.n_jobs = 2;
    options.cv = 2;
    options.refit = false;
    options.error_score = -1.0;
    search.emplace(make_pipeline(StandardScaler(), network("adam", 1)),
                   ParamGrid{{"mlpclassifier__alpha", {1e-3, 1.0}}}, options);
    search->fit(samples.x, samples.y);
  };
  bool refused = true;
  for (; refused; ++n) {
    search.reset();
    refused = is_refused(n, GetParam(), work);
    if (!refused || !search || search->n_splits() == 0) continue;
    if (search->cv_results().columns.empty()) continue;
    const auto& means = search->cv_results().numbers("mean_test_score");
    if (means.size() == 2 && search->warnings().size() == 1 && means[1] >= 0.0) ++n_partial;
  }
  EXPECT_GT(n, 100);
  EXPECT_GT(n_partial, 20);
}

INSTANTIATE_TEST_SUITE_P(Allocations, RefusedMemory, testing::Values(1, 3),
                         testing::PrintToStringParamName());

/// A text for which there is no memory is counted all the same.
TEST(RefusedMemory, ALostTextIsCalledWhatItWasLostFor) {
  const std::string text(100, 'x');
  TextCounts counts;
  EXPECT_TRUE(is_refused(0, 1, [&] { counts.add(text); }));
  EXPECT_TRUE(is_refused(1, 1, [&] { counts.add(text); }));
  counts.add(text);
  EXPECT_EQ(counts.counts(), (std::map<std::string, std::size_t>{{"out of memory", 2}, {text, 1}}));
}

/// The exception of a task arrives where the work was shared, and the team goes on.
TEST(RefusedMemory, ATaskThatThrowsIsHeardOf) {
  ThreadTeam team(3);
  for (int round = 0; round < 200; ++round) {
    EXPECT_THROW(team.run(20,
                          [&](std::size_t i) {
                            if (i == 7) throw std::bad_alloc();
                          }),
                 std::bad_alloc);
    std::atomic<int> done{0};
    team.run(20, [&](std::size_t) { ++done; });
    EXPECT_EQ(done, 20);
  }
}

}  // namespace
}  // namespace skarma
