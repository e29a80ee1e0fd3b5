#include <skarma/model_selection/search/internal/run_search.hpp>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/model_selection/search/exhaustive_source.hpp>
#include <skarma/model_selection/splitters.hpp>
#include <skarma/tests/support/fake_search.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

struct RunSearch : testing::Test {
  const MLPClassifier prototype{{.hidden_layer_sizes = {2}, .max_iter = 2, .random_state = 1}};
  const Matrix<double> x = test::random_matrix(20, 2, 1);
  const Target y = std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  const Folds folds{x, y, {}, KFold(2).splits(20, y)};
  const Scoring scoring;
  test::KeepingSink sink;

  FitAndScoreOptions options{
      .scoring = &scoring, .return_train_score = false, .error_score = -1.0, .stop = {}};

  void run(std::vector<ParamSet> candidates, int n_threads) {
    ExhaustiveSource source(std::move(candidates), folds.size());
    run_search(prototype, source, folds, 2, n_threads, options, sink);
  }
  std::vector<std::size_t> candidates() const {
    std::vector<std::size_t> numbers;
    for (const auto& row : sink.rows) numbers.push_back(row.candidate);
    return numbers;
  }
};

const std::vector<ParamSet> kSmallAndLarge = {{{"hidden_layer_sizes", std::int64_t{1}}},
                                              {{"hidden_layer_sizes", std::int64_t{200}}}};

TEST_F(RunSearch, OneThreadGoesCandidateByCandidate) {
  run(kSmallAndLarge, 1);
  EXPECT_EQ(candidates(), (std::vector<std::size_t>{0, 0, 1, 1}));
}

using RunSearchThreads = RunSearch;

TEST_F(RunSearchThreads, StartWithTheLongestFits) {
  std::vector<ParamSet> many(20, kSmallAndLarge[0]);
  many.push_back(kSmallAndLarge[1]);
  run(many, 2);
  ASSERT_EQ(sink.rows.size(), 42u);
  const auto numbers = candidates();
  EXPECT_NE(std::find(numbers.begin(), numbers.begin() + 21, 20u), numbers.begin() + 21);
}

TEST_F(RunSearch, AWrongNameIsSeenBeforeAnyFit) {
  std::vector<ParamSet> wrong = kSmallAndLarge;
  wrong.push_back({{"alhpa", 1.0}});
  for (const int n_threads : {1, 2}) {
    EXPECT_THROW_WITH(run(wrong, n_threads), std::invalid_argument, "Did you mean 'alpha'?");
    EXPECT_TRUE(sink.rows.empty());
  }
}

/// It is the same for all fits: none is made, and none fails.
TEST_F(RunSearch, ADeviceThatIsNotThereIsSeenBeforeAnyFit) {
  options.make_engine = [](std::string_view device, int, SpareThreads*) {
    if (device == "reference") throw DeviceError("There is no such device.");
    return make_engine(device);
  };
  std::vector<ParamSet> candidates = kSmallAndLarge;
  candidates.push_back({{"device", std::string("reference")}});
  EXPECT_THROW_WITH(run(candidates, 1), DeviceError, "There is no such device.");
  EXPECT_TRUE(sink.rows.empty());
}

TEST_F(RunSearch, ANameOfNoDeviceIsAnErrorOfItsFits) {
  run({{{"device", std::string("toaster")}}, {{"device", std::string("cpu")}}}, 1);
  ASSERT_EQ(sink.rows.size(), 4u);
  EXPECT_EQ(sink.rows[1].score, -1.0);
  EXPECT_GE(sink.rows[2].score, 0.0);
}

}  // namespace
}  // namespace skarma
