// A search on a device that trains groups: the same results as on the processor, whose engine the
// device has.
#include <skarma/model_selection/search/internal/group_fitter.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <new>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <skarma/core/engine/plugin_library.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/estimators/decomposition/pca.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/model_selection/search/internal/expected_work.hpp>
#include <skarma/model_selection/search/internal/run_search.hpp>
#include <skarma/model_selection/search/internal/search_sink.hpp>
#include <skarma/model_selection/splitters.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/group_device.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

constexpr std::size_t kGroupedSamples = 90;

struct GroupedSearch : testing::Test {
  Matrix<double> x = test::random_matrix(kGroupedSamples, 4, 1);
  Target y{labels()};
  std::vector<double> weights{};
  MLPClassifier network{
      {.hidden_layer_sizes = {4}, .max_iter = 12, .random_state = 3, .device = "reference"}};
  std::unique_ptr<Estimator> prototype = network.clone();
  GridSearchOptions options{
      .scoring = {"accuracy", "neg_log_loss"}, .return_train_score = true, .error_score = -1.0};
  test::GroupDevice device{};
  std::vector<double> fit_times{};
  std::function<void()> on_report = [] {};
  std::vector<std::string> fit_errors{}, fit_warnings{};

  std::vector<int> labels() const {
    std::vector<int> all;
    for (std::size_t i = 0; i < x.rows(); ++i) all.push_back(x(i, 0) > x(i, 1) ? 1 : 0);
    return all;
  }
  /// Each of these solvers with each of the penalties.
  static std::vector<ParamSet> candidates(const std::vector<std::string>& solvers = {"adam"}) {
    std::vector<ParamSet> all;
    for (const std::string& solver : solvers) {
      for (const double alpha : {1e-4, 1e-2, 1.0}) {
        all.push_back({{"alpha", alpha}, {"solver", solver}});
      }
    }
    return all;
  }

  CvResults found(const ParamSets& sets, int n_threads, const MakeEngine& make) {
    fit_times.clear();
    fit_errors.clear();
    fit_warnings.clear();
    const Folds folds(x, y, weights, KFold(3).splits(x.rows(), y));
    ExhaustiveSource source(sets, folds.size());
    options.observer = [this](const FitReport& report) { watch(report.result); };
    SearchSink sink(source, options, 0);
    const FitAndScoreOptions each{.scoring = &options.scoring,
                                  .return_train_score = true,
                                  .error_score = options.error_score,
                                  .stop = options.stop,
                                  .before_fit = options.before_fit,
                                  .make_engine = make};
    run_search(*prototype, source, folds, x.cols(), n_threads, each, sink);
    return std::move(sink.table()).write(source.candidates());
  }
  CvResults on_device(const ParamSets& sets, int n_threads = 1) {
    return found(sets, n_threads, test::in_place_of_reference(device));
  }
  /// The processor in the place of the device.
  CvResults on_processor(const ParamSets& sets) {
    return found(sets, 1, [](std::string_view, int n_threads, SpareThreads* spare) {
      return make_engine("cpu", n_threads, spare);
    });
  }
  void watch(const FitResult& result) {
    const std::lock_guard lock(mutex_);
    fit_times.push_back(result.fit_time);
    if (!result.fit_error.empty()) fit_errors.push_back(result.fit_error);
    fit_warnings.push_back(result.fit_warning);
    on_report();
  }

  std::size_t largest_group() const {
    return device.opened.empty() ? 0 : std::ranges::max(device.opened);
  }

 private:
  std::mutex mutex_;
};

void expect_same(const CvResults& a, const CvResults& b) {
  ASSERT_EQ(a.columns.size(), b.columns.size());
  ASSERT_EQ(a.params.size(), b.params.size());
  for (std::size_t i = 0; i < a.columns.size(); ++i) {
    const auto& [name, values] = a.columns[i];
    EXPECT_EQ(name, b.columns[i].name);
    if (name.find("_time") != std::string::npos) continue;
    if (const auto* numbers = std::get_if<std::vector<double>>(&values)) {
      EXPECT_TRUE(test::same_bits(*numbers, b.numbers(name))) << name;
    } else {
      EXPECT_EQ(values, b.columns[i].values) << name;
    }
  }
}

class GroupedSearchOf : public GroupedSearch, public testing::WithParamInterface<std::size_t> {
 protected:
  GroupedSearchOf() { device.most_models = GetParam(); }
};

TEST_P(GroupedSearchOf, FindsWhatOneFitAfterAnotherFinds) {
  const auto sets = candidates({"adam", "lbfgs", "sgd", "rmsprop"});
  expect_same(on_device(sets), on_processor(sets));
  EXPECT_EQ(largest_group(), std::min<std::size_t>(GetParam(), 36));
}

TEST_P(GroupedSearchOf, FindsTheSameWithEarlyStopping) {
  network.set("early_stopping", true);
  network.set("n_iter_no_change", std::int64_t{1});
  prototype = network.clone();
  const auto sets = candidates({"adam", "sgd"});
  expect_same(on_device(sets), on_processor(sets));
  EXPECT_EQ(largest_group(), std::min<std::size_t>(GetParam(), 18));
}

TEST_P(GroupedSearchOf, FindsTheSameBehindAScaler) {
  prototype = make_pipeline(StandardScaler(), network).clone();
  const ParamSets sets({{{"mlpclassifier__alpha", 0.1}}, {{"mlpclassifier__alpha", 1.0}}});
  expect_same(on_device(sets), on_processor(sets));
  EXPECT_EQ(largest_group(), std::min<std::size_t>(GetParam(), 6));
}

/// Each fit has samples of its own then, which the device must not take for another's.
TEST_P(GroupedSearchOf, FindsTheSameBehindComponents) {
  prototype = make_pipeline(StandardScaler(), PCA({.n_components = 3}), network).clone();
  const ParamSets sets({{{"mlpclassifier__alpha", 0.1}},
                        {{"pca__n_components", std::int64_t{2}}},
                        {{"pca__whiten", true}}});
  expect_same(on_device(sets), on_processor(sets));
  EXPECT_EQ(largest_group(), std::min<std::size_t>(GetParam(), 9));
}

/// One whose numbers overflow, one whose parameters no fit takes, and others.
TEST_P(GroupedSearchOf, AnErrorOfAFitIsItsOwn) {
  auto sets = candidates({"sgd"});
  sets.insert(sets.begin() + 1, {{"learning_rate_init", 1e300}, {"solver", std::string("sgd")}});
  sets.insert(sets.begin() + 2, {{"alpha", -1.0}});
  const CvResults results = on_device(sets);
  const std::multiset<std::string> errors(fit_errors.begin(), fit_errors.end());
  EXPECT_EQ(errors.size(), 6u);
  expect_same(results, on_processor(sets));
  EXPECT_EQ(errors, std::multiset<std::string>(fit_errors.begin(), fit_errors.end()));
  EXPECT_EQ(results.numbers("mean_test_accuracy")[1], -1.0);
  EXPECT_EQ(results.numbers("mean_test_accuracy")[2], -1.0);
  EXPECT_GE(results.numbers("mean_test_accuracy")[0], 0.0);
}

/// One throws in the middle of a group's training.
TEST_P(GroupedSearchOf, AnErrorInTrainingIsOfTheFitThatHasIt) {
  weights.assign(kGroupedSamples, 0.0);
  for (std::size_t i = 0; i < kGroupedSamples; i += 9) weights[i] = 1.0;
  auto sets = candidates();
  sets.insert(sets.begin() + 1, {{"batch_size", std::int64_t{2}}});
  const CvResults results = on_device(sets);
  EXPECT_EQ(fit_errors, std::vector<std::string>(3, "Weights sum to zero, can't be normalized"));
  expect_same(results, on_processor(sets));
}

TEST_P(GroupedSearchOf, AnErrorOfAScorerIsOfItsScore) {
  options.scoring = {"accuracy",
                     {"moody", [](const Estimator& e, const SampleView& samples, const Target& of,
                                  std::span<const double> w) {
                        const double score = e.score(samples, of, w);
                        if (score > 0.8) throw std::runtime_error("too good");
                        return score;
                      }}};
  const auto sets = candidates({"adam", "lbfgs"});
  const CvResults results = on_device(sets);
  expect_same(results, on_processor(sets));
  const auto& moods = results.numbers("split0_test_moody");
  EXPECT_GT(std::ranges::count(moods, -1.0), 0);
  EXPECT_LT(std::ranges::count(moods, -1.0), 6);
}

TEST_P(GroupedSearchOf, AnErrorEndsItWhereThereIsNoErrorScore) {
  options.error_score.reset();
  auto sets = candidates();
  sets.push_back({{"alpha", -1.0}});
  EXPECT_THROW(on_device(sets), std::invalid_argument);
}

/// Each copy of a candidate has a generator of its own, in the state of the one that was given.
TEST_P(GroupedSearchOf, CopiesOfAGeneratorAreNotShared) {
  network.set_random_state(RandomSeed(std::make_shared<RandomState>(5)));
  prototype = network.clone();
  const auto sets = candidates({"adam", "sgd"});
  expect_same(on_device(sets), on_processor(sets));
  EXPECT_EQ(largest_group(), std::min<std::size_t>(GetParam(), 18));
}

/// It is drawn from for one fit after another.
TEST_P(GroupedSearchOf, FitsThatShareAGeneratorAreTrainedAlone) {
  std::shared_ptr<RandomState> shared;
  options.before_fit = [&](Estimator& estimator) {
    dynamic_cast<MLPClassifier&>(estimator).set_random_state(RandomSeed(shared));
  };
  const auto sets = candidates({"adam", "sgd"});
  shared = std::make_shared<RandomState>(5);
  const CvResults results = on_device(sets);
  EXPECT_EQ(device.opened, std::vector<std::size_t>(18, 1));
  const auto next_draw = shared->bounded(1000000);
  shared = std::make_shared<RandomState>(5);
  expect_same(results, on_processor(sets));
  EXPECT_EQ(shared->bounded(1000000), next_draw);
}

INSTANTIATE_TEST_SUITE_P(Models, GroupedSearchOf, testing::Values(1, 7, 1000),
                         testing::PrintToStringParamName());

/// A device is one, however many threads there are: one of them hands it groups, while the others
/// would have time to do so.
TEST_F(GroupedSearch, ThreadsLeaveTheDeviceToOne) {
  device.on_train = [&] {
    if (device.opened.size() == 1) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  };
  const auto sets = candidates({"adam", "lbfgs", "sgd"});
  for (const int n_threads : {1, 2}) {
    device.opened.clear();
    device.n_made = 0;
    expect_same(on_device(sets, n_threads), on_processor(sets));
    EXPECT_EQ(device.opened, (std::vector<std::size_t>{7, 7, 7, 6}));
    EXPECT_EQ(device.n_made, 1);  // which is asked what it can, then trains and scores
  }
}

/// The fits of the processor go one after another beside the groups of the device.
TEST_F(GroupedSearch, ThreadsTakeCandidatesOfTwoDevices) {
  std::vector<ParamSet> sets;
  for (const char* where : {"cpu", "reference"}) {
    for (ParamSet set : candidates({"adam", "sgd"})) {
      set.emplace_back("device", std::string(where));
      sets.push_back(set);
    }
  }
  for (const int n_threads : {1, 2}) {
    device.opened.clear();
    const CvResults results = on_device(sets, n_threads);
    expect_same(results, on_processor(sets));
    EXPECT_EQ(std::accumulate(device.opened.begin(), device.opened.end(), 0u), 18u);
    EXPECT_GT(largest_group(), 1u);
    const auto& scores = results.numbers("mean_test_neg_log_loss");
    EXPECT_TRUE(test::same_bits(std::vector(scores.begin(), scores.begin() + 6),
                                std::vector(scores.begin() + 6, scores.end())));
  }
}

/// A fold is cut once for all of a group, and its parts are held once.
TEST_F(GroupedSearch, HoldsTheSamplesOfAFoldOnce) {
  device.most_models = 1000;
  on_device(candidates({"adam", "lbfgs", "sgd"}));
  EXPECT_EQ(device.opened, std::vector<std::size_t>{27});
  EXPECT_EQ(device.n_held, 2 * 3);  // to learn from and to be scored on
}

/// An estimator of the device that is fitted at once, with a warning.
class AtOnce final : public Estimator {
 public:
  explicit AtOnce(std::function<void()> on_fit) : on_fit_(std::move(on_fit)) {}

  std::unique_ptr<Estimator> clone() const override { return std::make_unique<AtOnce>(on_fit_); }
  std::string_view name() const override { return "AtOnce"; }
  bool is_classifier() const override { return true; }
  std::string_view device() const override { return "reference"; }
  AtOnce& set(std::string_view, const ParamValue&) override { return *this; }
  ParamSet parameters() const override { return {}; }
  void validate() const override {}
  AtOnce& fit(const SampleView&, const Target&, const FitOptions&) override {
    on_fit_();
    return *this;
  }
  std::string fit_warning() const override { return "That was quick."; }
  Target predict(const SampleView& x) const override { return std::vector<int>(x.n_samples(), 1); }
  double score(const SampleView& x, const Target&, std::span<const double>) const override {
    return static_cast<double>(x.n_samples());
  }
  void write(ModelArchive&) const override {}
  void read(ModelArchive&) override {}

 private:
  std::function<void()> on_fit_;
};

/// Fit number 4 finds no memory: the group of 7 becomes one of 4.
TEST_F(GroupedSearch, TakesEstimatorsThatAreFittedAtOnceAndWantOfMemoryBeforeTraining) {
  int n_fits = 0;
  prototype = std::make_unique<AtOnce>([&] {
    if (++n_fits == 4) throw std::bad_alloc();
  });
  options.scoring = Scorer();
  const CvResults results = on_device(candidates());
  EXPECT_EQ(results.numbers("mean_test_score"), std::vector<double>(3, 30.0));
  EXPECT_EQ(n_fits, 4 + 9);
  EXPECT_TRUE(fit_errors.empty());
  EXPECT_EQ(fit_warnings, std::vector<std::string>(9, "That was quick."));
  EXPECT_TRUE(device.opened.empty());
}

TEST_F(GroupedSearch, PreparesNoFurtherFitAfterAStopRequest) {
  std::stop_source stop;
  options.stop = stop.get_token();
  int n_fits = 0;
  prototype = std::make_unique<AtOnce>([&] {
    if (++n_fits == 3) stop.request_stop();
  });
  options.scoring = Scorer();
  on_device(candidates());
  EXPECT_EQ(n_fits, 3);
  EXPECT_TRUE(fit_times.empty());
}

TEST_F(GroupedSearch, MakesAGroupForEachDevice) {
  test::GroupDevice other;
  other.most_models = 5;
  std::vector<ParamSet> sets;
  for (ParamSet set : candidates({"adam", "sgd"})) {
    set.emplace_back("device", sets.size() % 2 == 0 ? "cpu" : "reference");
    sets.push_back(set);
  }
  const MakeEngine make = [&](std::string_view name, int, SpareThreads*) {
    return std::make_unique<test::GroupEngine>(name == "cpu" ? other : device);
  };
  expect_same(found(sets, 1, make), on_processor(sets));
  EXPECT_EQ(std::accumulate(device.opened.begin(), device.opened.end(), 0u), 9u);
  EXPECT_EQ(std::accumulate(other.opened.begin(), other.opened.end(), 0u), 9u);
  EXPECT_EQ(other.n_made, 1);
}

/// The processor as a library brings it, which says that it is glad of 7.
TEST_F(GroupedSearch, FindsTheSameOnADeviceThatALibraryBrings) {
  setenv(kPluginVariable, SKARMA_TEST_PLUGINS "/skarma_cpu_plugin.so", 1);
  setenv("SKARMA_TEST_MOST_MODELS", "7", 1);
  const MakeEngine make = [](std::string_view, int, SpareThreads*) { return make_plugin_engine(); };
  network.set("early_stopping", true);
  prototype = network.clone();
  const auto sets = candidates({"adam", "lbfgs", "sgd"});
  EXPECT_EQ(make("reference", 1, nullptr)->capabilities().most_models, 7u);
  const CvResults results = found(sets, 1, make);
  unsetenv("SKARMA_TEST_MOST_MODELS");
  expect_same(results, on_processor(sets));
}

/// Of each group the scores of the test parts in one call, and those of the training parts.
TEST_F(GroupedSearch, ScoresOnTheDevice) {
  on_device(candidates());
  EXPECT_EQ(device.scored, (std::vector<std::size_t>{14, 14, 4, 4}));
  EXPECT_EQ(device.n_predicted, 0);
}

TEST_F(GroupedSearch, PredictsOnTheDeviceForOtherScores) {
  options.scoring = {"accuracy", "f1"};
  on_device(candidates());
  EXPECT_TRUE(device.scored.empty());
  EXPECT_EQ(device.n_predicted, 9 * 2 * 2);
}

/// Beside the samples, which all fits share, there is nearly room for four of the networks.
TEST_F(GroupedSearch, AGroupHasTheFitsForWhichThereIsMemory) {
  device.free_memory = sample_bytes(x) + 4 * expected_bytes(network, x, y) - 1;
  const auto sets = candidates();
  expect_same(on_device(sets), on_processor(sets));
  EXPECT_EQ(device.opened, (std::vector<std::size_t>{3, 3, 1, 2}));
}

/// Beside one that is ten times as wide there is room for two others.
TEST_F(GroupedSearch, FitsOfDifferentSizesShareTheMemory) {
  MLPClassifier wide = network;
  wide.set("hidden_layer_sizes", std::int64_t{40});
  device.free_memory =
      sample_bytes(x) + expected_bytes(wide, x, y) + 2 * expected_bytes(network, x, y);
  std::vector<ParamSet> sets;
  for (const std::int64_t units : {4, 40, 4}) sets.push_back({{"hidden_layer_sizes", units}});
  expect_same(on_device(sets), on_processor(sets));
  EXPECT_EQ(device.opened, (std::vector<std::size_t>{3, 1, 1, 2, 2}));
}

TEST_F(GroupedSearch, AFitForWhichThereIsNoMemoryIsTriedAlone) {
  device.free_memory = 1;
  on_device(candidates());
  EXPECT_EQ(device.opened, std::vector<std::size_t>(9, 1));
  EXPECT_TRUE(fit_errors.empty());
}

/// Each fit begins with its generator as it was, however often its group is prepared anew.
TEST_F(GroupedSearch, HalvingAGroupDrawsNothing) {
  network.set_random_state(RandomSeed(std::make_shared<RandomState>(5)));
  prototype = network.clone();
  device.memory = 3;
  const auto sets = candidates({"adam", "sgd"});
  expect_same(on_device(sets), on_processor(sets));
  EXPECT_EQ(device.opened.front(), 7u);
}

/// The estimate was too low.
TEST_F(GroupedSearch, HalvesAGroupThatWasToHaveRoom) {
  device.free_memory = sample_bytes(x) + 5 * expected_bytes(network, x, y);
  device.memory = 3;
  const auto sets = candidates();
  expect_same(on_device(sets), on_processor(sets));
  EXPECT_EQ(device.opened, (std::vector<std::size_t>{5, 3, 3, 1, 2}));
}

TEST_F(GroupedSearch, MakesSmallerGroupsWhereTheDeviceHasNoMemory) {
  device.memory = 3;
  const auto sets = candidates({"adam", "lbfgs", "sgd"});
  expect_same(on_device(sets), on_processor(sets));
  std::vector<std::size_t> expected = {7, 4, 2, 2, 2, 1};
  expected.insert(expected.end(), 10, 2);
  EXPECT_EQ(device.opened, expected);
  EXPECT_TRUE(fit_errors.empty());
}

/// Fits that fail are found in halves, and the others go in larger groups again.
TEST_F(GroupedSearch, HalvesAGroupInWhichAFitFails) {
  weights.assign(kGroupedSamples, 0.0);
  for (std::size_t i = 0; i < kGroupedSamples; i += 9) weights[i] = 1.0;
  auto sets = candidates();
  sets.insert(sets.begin(), {{"batch_size", std::int64_t{2}}});
  on_device(sets);
  EXPECT_EQ(fit_errors.size(), 3u);
  EXPECT_EQ(device.opened, (std::vector<std::size_t>{7, 4, 2, 1, 1, 2, 1, 1, 2, 1, 1, 2, 2, 5}));
}

TEST_F(GroupedSearch, AFitAloneForWhichThereIsNoMemoryHasFailed) {
  device.memory = 0;
  const CvResults results = on_device(candidates());
  EXPECT_EQ(results.numbers("mean_test_accuracy"), std::vector<double>(3, -1.0));
  ASSERT_EQ(fit_errors.size(), 9u);
  EXPECT_EQ(fit_errors[0].find("There is not enough memory to train a network"), 0u);
}

/// The first group has been reported, the second one is given up.
TEST_F(GroupedSearch, KeepsWhatWasFinishedBeforeAStopRequest) {
  std::stop_source stop;
  options.stop = stop.get_token();
  const auto sets = candidates({"adam", "sgd"});
  device.on_train = [&] {
    if (device.opened.size() == 2) stop.request_stop();
  };
  const CvResults results = on_device(sets);
  EXPECT_EQ(fit_times.size(), 7u);
  EXPECT_EQ(device.opened, (std::vector<std::size_t>{7, 7}));
  options.stop = {};
  const CvResults all = on_processor({sets[0], sets[1]});
  expect_same(results, all);
}

/// The first two of a group have been scored.
TEST_F(GroupedSearch, KeepsWhatWasScoredBeforeAStopRequest) {
  std::stop_source stop;
  options.stop = stop.get_token();
  on_report = [&] {
    if (fit_times.size() == 2) stop.request_stop();
  };
  on_device(candidates({"adam", "sgd"}));
  EXPECT_EQ(fit_times.size(), 2u);
  EXPECT_EQ(device.opened, std::vector<std::size_t>{7});
}

/// If each fit had the time of its group, they would be longer than the search.
TEST_F(GroupedSearch, SharesTheTimeOfAGroupAmongItsFits) {
  const auto start = std::chrono::steady_clock::now();
  on_device(candidates({"adam", "sgd"}));
  const std::chrono::duration<double> all = std::chrono::steady_clock::now() - start;
  EXPECT_GT(std::ranges::min(fit_times), 0.0);
  EXPECT_LE(std::accumulate(fit_times.begin(), fit_times.end(), 0.0), all.count());
}

}  // namespace
}  // namespace skarma
