// Scores that a device makes of sums while networks are open: those of predictions.
#include <skarma/model_selection/internal/summed_score.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/min_max_scaler.hpp>
#include <skarma/model_selection/search/internal/run_search.hpp>
#include <skarma/model_selection/search/internal/search_sink.hpp>
#include <skarma/model_selection/splitters.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/group_device.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

constexpr std::size_t kScoredSamples = 60;

/// What a search finds: its columns, and what was said of its fits.
struct FoundScores {
  CvResults results;
  std::vector<std::string> errors{}, warnings{};
  double least_score_time = std::numeric_limits<double>::infinity();
};

struct SummedScores : testing::Test {
  Matrix<double> x = test::random_matrix(kScoredSamples, 4, 1);
  Target y{labels(2)};
  std::vector<double> weights{};
  std::unique_ptr<Estimator> prototype = classifier({}).clone();
  Splits splits = KFold(3).splits(kScoredSamples, y);
  GridSearchOptions options{.scoring = {"accuracy", "neg_log_loss"}, .error_score = -1.0};
  test::GroupDevice device{.most_models = 1000};

  static MLPClassifier classifier(MLPClassifierParams params) {
    params.hidden_layer_sizes = {4};
    params.max_iter = 12;
    params.random_state = 3;
    params.device = "reference";
    return MLPClassifier(params);
  }
  static MLPRegressor regressor() {
    return MLPRegressor(
        {.hidden_layer_sizes = {4}, .max_iter = 12, .random_state = 3, .device = "reference"});
  }
  /// By the feature that is largest of the first `n`.
  std::vector<int> labels(int n) const {
    std::vector<int> all;
    for (std::size_t i = 0; i < x.rows(); ++i) {
      const auto row = x.row(i).first(static_cast<std::size_t>(n));
      all.push_back(static_cast<int>(std::ranges::max_element(row) - row.begin()));
    }
    return all;
  }
  static std::vector<double> uneven_weights() {
    return test::random_numbers(kScoredSamples, 7, 0.1, 3.0);
  }

  /// Of two candidates of each solver family.
  FoundScores found(const SampleView& samples, const MakeEngine& make) {
    const auto* pipeline = dynamic_cast<const Pipeline*>(prototype.get());
    const std::string step = pipeline != nullptr ? pipeline->estimator_name() + "__" : "";
    std::vector<ParamSet> candidates;
    for (const char* solver : {"adam", "lbfgs"}) {
      for (const double alpha : {1e-4, 1.0}) {
        candidates.push_back({{step + "alpha", alpha}, {step + "solver", std::string(solver)}});
      }
    }
    const Folds folds(samples, y, weights, splits);
    ExhaustiveSource source(std::move(candidates), folds.size());
    FoundScores seen{};
    options.observer = [&](const FitReport& report) {
      for (const auto& error : report.result.score_errors) seen.errors.push_back(error);
      seen.warnings.push_back(report.result.fit_warning);
      seen.least_score_time = std::min(seen.least_score_time, report.result.score_time);
    };
    SearchSink sink(source, options, 0);
    const FitAndScoreOptions each{.scoring = &options.scoring,
                                  .return_train_score = true,
                                  .error_score = options.error_score,
                                  .stop = options.stop,
                                  .weight_scores = options.weight_scores,
                                  .make_engine = make};
    run_search(*prototype, source, folds, samples.n_features(), 1, each, sink);
    seen.results = std::move(sink.table()).write(source.candidates());
    return seen;
  }
  FoundScores on_device(const SampleView& samples) {
    return found(samples, test::in_place_of_reference(device));
  }
  FoundScores on_processor(const SampleView& samples) {
    return found(samples, [](std::string_view, int n_threads, SpareThreads* spare) {
      return make_engine("cpu", n_threads, spare);
    });
  }

  /// All scores are those of the processor, with so many predictions.
  void expect_same(const SampleView& samples, int n_predicted, double tolerance = 0.0) {
    const FoundScores ours = on_device(samples), expected = on_processor(samples);
    EXPECT_EQ(ours.errors, expected.errors);
    EXPECT_EQ(device.n_predicted, n_predicted);
    for (const auto& [name, values] : expected.results.columns) {
      const auto* numbers = std::get_if<std::vector<double>>(&values);
      if (numbers == nullptr || name.find("_time") != std::string::npos) continue;
      const auto& found = ours.results.numbers(name);
      EXPECT_TRUE(tolerance == 0.0 ? test::same_bits(found, *numbers)
                                   : test::close(found, *numbers, tolerance))
          << name;
    }
  }
};

constexpr int kFits = 12;

TEST_F(SummedScores, OfTwoClasses) { expect_same(x, 0); }

TEST_F(SummedScores, OfAFitThatIsLeftAlone) {
  device.most_models = kFits - 1;
  expect_same(x, 0);
  EXPECT_EQ(device.opened, (std::vector<std::size_t>{kFits - 1, 1}));
}

TEST_F(SummedScores, OfSeveralClasses) {
  y = Target(labels(3));
  expect_same(x, 0);
}

TEST_F(SummedScores, OfNames) {
  std::vector<std::string> names;
  for (const int label : labels(3)) names.push_back(label == 0 ? "z" : label == 1 ? "b" : "a");
  y = Target(names);
  expect_same(x, 0);
}

TEST_F(SummedScores, OfWeightedSamples) {
  weights = uneven_weights();
  expect_same(x, 0);
  const auto weighted = on_device(x).results.numbers("mean_test_neg_log_loss");
  options.weight_scores = false;
  expect_same(x, 0);
  EXPECT_NE(on_device(x).results.numbers("mean_test_neg_log_loss"), weighted);
}

TEST_F(SummedScores, OfSeveralLabelsAtOnce) {
  Matrix<double> both(kScoredSamples, 2);
  for (std::size_t i = 0; i < kScoredSamples; ++i) {
    both(i, 0) = x(i, 0) > 0.0 ? 1.0 : 0.0;
    both(i, 1) = x(i, 1) > 0.3 ? 1.0 : 0.0;
  }
  y = Target(both);
  options.scoring = "accuracy";
  weights = uneven_weights();
  expect_same(x, 0);
  options.scoring = {"accuracy", "neg_log_loss"};  // an error of the score
  expect_same(x, 2 * 2 * kFits);
}

TEST_F(SummedScores, OfTheEstimatorsOwn) {
  options.scoring = Scorer();
  expect_same(x, 0);
  prototype = regressor().clone();
  y = Target(test::random_numbers(kScoredSamples, 5));
  expect_same(x, 0);
}

TEST_F(SummedScores, OfNumbers) {
  prototype = regressor().clone();
  options.scoring = {"r2", "neg_mean_squared_error", "neg_root_mean_squared_error",
                     "neg_mean_absolute_error"};
  y = Target(test::random_numbers(kScoredSamples, 5));
  expect_same(x, 0);
  y = Target(test::random_matrix(kScoredSamples, 3, 5));
  expect_same(x, 0);
  weights = uneven_weights();
  expect_same(x, 0, 1e-14);
}

/// R2 of a constant is 0, and of one sample it is not a number.
TEST_F(SummedScores, OfDegenerateNumbers) {
  prototype = regressor().clone();
  options.scoring = {"r2", "neg_mean_squared_error"};
  y = Target(std::vector<double>(kScoredSamples, 2.5));
  expect_same(x, 0);
  splits = CrossValidation({{{0, 1, 2, 3, 4}, {5}}}).splitter(false, y)->splits(kScoredSamples, y);
  expect_same(x, 0);
  EXPECT_TRUE(std::isnan(on_device(x).results.numbers("split0_test_r2")[0]));
}

TEST_F(SummedScores, BehindAScaler) {
  prototype = make_pipeline(MinMaxScaler(), classifier({})).clone();
  expect_same(x, 0);
  weights = uneven_weights();
  prototype = make_pipeline(MinMaxScaler(), regressor()).clone();
  options.scoring = "neg_mean_absolute_error";
  expect_same(x, 0);
}

TEST_F(SummedScores, WithEarlyStopping) {
  prototype = classifier({.early_stopping = true}).clone();
  expect_same(x, 0);
}

/// The label that no training sample has is never right; its probability is an error.
TEST_F(SummedScores, OfALabelThatWasNotLearnt) {
  for (const int n : {2, 3}) {
    device.n_predicted = 0;
    auto all = labels(n);
    std::fill_n(all.begin(), 3, 9);
    y = Target(all);
    options.scoring = "accuracy";
    expect_same(x, 0);
    options.scoring = "neg_log_loss";
    expect_same(x, 2 * kFits);  // in other folds it is learnt and not tested
  }
}

/// Its predictions know no other label, whatever the outputs are.
TEST_F(SummedScores, OfTheOnlyClass) {
  y = Target(std::vector<int>(kScoredSamples, 4));
  options.scoring = "accuracy";
  expect_same(x, 2 * kFits);
}

/// lbfgs goes back from the points that it has asked about last.
TEST_F(SummedScores, OfTheSolutionWhereALineSearchFails) {
  for (std::size_t i = 0; i < kScoredSamples; ++i) {
    for (double& v : x.row(i)) v *= 1e9;
  }
  y = Target(test::random_numbers(kScoredSamples, 5));
  MLPRegressor network = regressor();
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, ParamValue>>{{"loss", "huber"},
                                                       {"activation", "tanh"},
                                                       {"max_iter", std::int64_t{300}},
                                                       {"tol", 1e-12}}) {
    network.set(name, value);
  }
  prototype = network.clone();
  options.scoring = "neg_mean_absolute_error";
  expect_same(x, 0);
  const auto warnings = on_device(x).warnings;
  EXPECT_TRUE(std::ranges::any_of(
      warnings, [](const auto& text) { return text.find("ABNORMAL") != std::string::npos; }));
}

TEST_F(SummedScores, OfFloat32) {
  const Matrix<float> narrow = test::random_matrix<float>(kScoredSamples, 4, 1);
  expect_same(narrow, 2 * 2 * kFits / 2);  // lbfgs ends in float64
  device.n_predicted = 0;
  prototype = classifier({.dtype = "float32"}).clone();
  expect_same(narrow, 0);
  expect_same(x, 0);
}

TEST_F(SummedScores, OfACallableThatBearsAName) {
  options.scoring = {
      {"accuracy", [](const Estimator& e, const SampleView& samples, const Target& of,
                      std::span<const double> w) { return 100 * e.score(samples, of, w); }}};
  expect_same(x, 2 * kFits);
  options.scoring = {Scorer("accuracy").named("r2")};
  device.n_predicted = 0;
  expect_same(x, 0);
}

/// Figures of numbers that a classifier has for labels, and labels that a regressor has not.
TEST_F(SummedScores, AreLeftToPredictionsWhereTheyAreOfTheOther) {
  options.scoring = "r2";
  expect_same(x, 2 * kFits);
  prototype = regressor().clone();
  options.scoring = "accuracy";
  expect_same(x, 4 * kFits);
}

/// The sample is in a test part alone. The error is that of a prediction.
TEST_F(SummedScores, OfSamplesThatAreNotFinite) {
  splits =
      CrossValidation({{{0, 1, 2, 3, 4, 5, 6, 7}, {8, 9}}}).splitter(true, y)->splits(x.rows(), y);
  x(9, 1) = std::nan("");
  options.scoring = "accuracy";
  expect_same(x, 4);
  const FoundScores ours = on_device(x);
  EXPECT_EQ(ours.errors.size(), 4u);
  EXPECT_EQ(ours.results.numbers("mean_test_score"), std::vector<double>(4, -1.0));
}

TEST_F(SummedScores, OfWeightsThatAreAllZero) {
  weights.assign(kScoredSamples, 1.0);
  std::fill_n(weights.begin(), kScoredSamples / 3, 0.0);
  options.scoring = "accuracy";
  expect_same(x, 2 * kFits / 3);
}

/// That of the call for the test parts is shared by the fits.
TEST_F(SummedScores, TakeTheirTime) {
  device.on_score = [] { std::this_thread::sleep_for(std::chrono::milliseconds(12)); };
  EXPECT_GE(on_device(x).least_score_time, 0.012 / kFits);
}

TEST_F(SummedScores, EndWithAStopRequest) {
  std::stop_source stop;
  options.stop = stop.get_token();
  device.on_score = [&] { stop.request_stop(); };
  const FoundScores ours = on_device(x);
  EXPECT_EQ(ours.least_score_time, std::numeric_limits<double>::infinity());  // no report
  EXPECT_EQ(device.n_predicted, 0);
}

/// Each fit ends alone and predicts.
TEST_F(SummedScores, ForWhichTheDeviceHasNoMemory) {
  device.on_score = [] { throw OutOfMemory("The device has no memory for scores."); };
  expect_same(x, 2 * 2 * kFits);
  EXPECT_FALSE(device.scored.empty());
}

TEST_F(SummedScores, OfNoSamples) {
  splits = Splits(kScoredSamples);
  splits.add({{0, 1, 2, 3, 4, 5}, {}});
  options.scoring = "accuracy";
  expect_same(x, 4);
}

}  // namespace
}  // namespace skarma
