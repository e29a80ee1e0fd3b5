// Searches on a machine with three GPUs, each of which is this processor.
#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/choose_device.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/model_selection/search/internal/run_search.hpp>
#include <skarma/model_selection/search/internal/search_sink.hpp>
#include <skarma/model_selection/splitters.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/group_device.hpp>
#include <skarma/tests/support/meeting.hpp>
#include <skarma/tests/support/plugins.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

constexpr std::size_t kGpus = 3;

struct SeveralGpusThreads : testing::Test {
  SeveralGpusThreads() {
    test::bring_plugin("skarma_cpu_plugin");
    for (test::GroupDevice& gpu : gpus) {
      gpu.most_models = 4;
      gpu.on_train = [this, &gpu] { meet(gpu); };
    }
  }

  const Matrix<double> x = test::random_matrix(60, 4, 1);
  const Target y{labels()};
  const MLPClassifier network{
      {.hidden_layer_sizes = {4}, .max_iter = 8, .random_state = 3, .device = "cuda"}};
  GridSearchOptions options{.scoring = {"accuracy", "neg_log_loss"}, .error_score = -1.0};
  std::array<test::GroupDevice, kGpus> gpus{};
  std::array<std::atomic<bool>, kGpus> has_met{};
  std::size_t n_gpus = kGpus;
  test::Meeting meeting{kGpus};
  std::map<std::string, std::size_t> n_fitted_on{};
  std::vector<std::string> fit_errors{};

  std::size_t index_of(const test::GroupDevice& gpu) const {
    return static_cast<std::size_t>(&gpu - gpus.data());
  }
  /// Each trains its first group beside those of the others.
  void meet(const test::GroupDevice& gpu) {
    if (!has_met[index_of(gpu)].exchange(true)) meeting.come();
  }
  std::vector<int> labels() const {
    std::vector<int> all;
    for (std::size_t i = 0; i < x.rows(); ++i) all.push_back(x(i, 0) > x(i, 1) ? 1 : 0);
    return all;
  }
  static std::vector<ParamSet> candidates() {
    std::vector<ParamSet> all;
    for (const char* solver : {"adam", "rmsprop", "sgd"}) {
      for (const double alpha : {1e-4, 1e-2, 1.0}) {
        all.push_back({{"alpha", alpha}, {"solver", std::string(solver)}});
      }
    }
    return all;
  }
  std::unique_ptr<Engine> made(std::string_view name, int n_threads, SpareThreads* spare) {
    if (!name.starts_with("cuda:")) return make_engine(name, n_threads, spare);
    return std::make_unique<test::GroupEngine>(
        gpus.at(static_cast<std::size_t>(name.back() - '0')));
  }
  void watch(const FitReport& report) {
    const std::lock_guard lock(mutex_);
    if (!report.result.fit_error.empty()) {
      fit_errors.push_back(report.result.fit_error);
    } else {
      ++n_fitted_on[dynamic_cast<const MLPClassifier&>(*report.estimator).device_used()];
    }
  }

  CvResults found(int n_threads = 1, const ParamSet& all = {}) {
    auto sets = candidates();
    for (ParamSet& set : sets) set.insert(set.end(), all.begin(), all.end());
    const std::vector<double> weights;
    const Folds folds(x, y, weights, KFold(3).splits(x.rows(), y));
    ExhaustiveSource source(sets, folds.size());
    options.observer = [this](const FitReport& report) { watch(report); };
    SearchSink sink(source, options, 0);
    const FitAndScoreOptions each{.scoring = &options.scoring,
                                  .return_train_score = false,
                                  .error_score = options.error_score,
                                  .stop = options.stop,
                                  .make_engine = [this](auto... with) { return made(with...); },
                                  .count_gpus = [this] { return n_gpus; }};
    run_search(network, source, folds, x.cols(), n_threads, each, sink);
    return std::move(sink.table()).write(source.candidates());
  }
  std::vector<double> scores(const CvResults& results) const {
    std::vector<double> all;
    for (const char* split : {"split0", "split1", "split2"}) {
      const auto& some = results.numbers(std::string(split) + "_test_neg_log_loss");
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }
  std::vector<double> scores_on_processor() {
    return scores(found(1, {{"device", std::string("cpu")}}));
  }
  void lose_the_second() {
    gpus[1].on_train = [this] {
      meet(gpus[1]);
      throw DeviceError("The GPU has fallen off the bus.");
    };
  }
  std::size_t n_opened(const test::GroupDevice& gpu) const {
    return std::accumulate(gpu.opened.begin(), gpu.opened.end(), std::size_t{0});
  }

 private:
  std::mutex mutex_;
};

TEST_F(SeveralGpusThreads, AllWorkOffOneQueue) {
  const auto together = scores(found());
  EXPECT_EQ(n_fitted_on.size(), kGpus);
  std::size_t n_fits = 0;
  for (std::size_t i = 0; i < kGpus; ++i) {
    EXPECT_EQ(gpus[i].n_made, 1);
    EXPECT_GE(gpus[i].opened.at(0), 4u);
    EXPECT_EQ(n_opened(gpus[i]), n_fitted_on["cuda:" + std::to_string(i)]);
    EXPECT_EQ(std::accumulate(gpus[i].scored.begin(), gpus[i].scored.end(), std::size_t{0}),
              2 * n_opened(gpus[i]));
    n_fits += n_opened(gpus[i]);
  }
  EXPECT_EQ(n_fits, 27u);
  n_gpus = 1;
  EXPECT_TRUE(test::same_bits(together, scores(found())));
  EXPECT_TRUE(test::same_bits(together, scores_on_processor()));
}

TEST_F(SeveralGpusThreads, ManyThreadsChangeNothing) {
  const auto together = scores(found(4));
  EXPECT_EQ(n_fitted_on.size(), kGpus);
  EXPECT_TRUE(test::same_bits(together, scores_on_processor()));
}

/// The fits are few: each GPU has a third of them, however many it is glad of.
TEST_F(SeveralGpusThreads, EachHasItsPart) {
  for (test::GroupDevice& gpu : gpus) gpu.most_models = 1000;
  found();
  for (const test::GroupDevice& gpu : gpus) EXPECT_EQ(gpu.opened, std::vector<std::size_t>{9});
}

/// A step of a fit is too small for a GPU, those of all 27 are not. Folds are of one opinion.
TEST_F(SeveralGpusThreads, AutoIsAllOfThemWhereTheFitsPayTogether) {
  constexpr std::int64_t kUnits = 1200;
  const FitWork work{.layer_units = {4, kUnits, 1}, .n_samples = 60, .batch_size = 60};
  ASSERT_GT(27 * flops_per_step(work), kLeastFlopsOnGpu);
  ASSERT_LT(flops_per_step(work), kLeastFlopsOnGpu);
  for (test::GroupDevice& gpu : gpus) gpu.most_models = 1000;
  const ParamSet all{{"device", std::string("auto")},
                     {"hidden_layer_sizes", kUnits},
                     {"max_iter", std::int64_t{1}}};
  found(1, all);
  EXPECT_EQ(n_fitted_on,
            (std::map<std::string, std::size_t>{{"cuda:0", 9}, {"cuda:1", 9}, {"cuda:2", 9}}));
  n_fitted_on.clear();
  n_gpus = 0;
  found(1, all);
  EXPECT_EQ(n_fitted_on, (std::map<std::string, std::size_t>{{"cpu", 27}}));
}

TEST_F(SeveralGpusThreads, ANamedOneHasAllFits) {
  has_met[1] = true;  // nobody else comes
  found(1, {{"device", std::string("cuda:1")}});
  EXPECT_EQ(n_fitted_on, (std::map<std::string, std::size_t>{{"cuda:1", 27}}));
  EXPECT_EQ(gpus[0].n_made + gpus[2].n_made, 0);
}

/// The second GPU is lost in its first group: the fits that it has fail, the others go on, although
/// it would have time for more.
TEST_F(SeveralGpusThreads, OneThatIsLostFailsWhatItHas) {
  lose_the_second();
  for (const std::size_t i : {0, 2}) {
    gpus[i].on_train = [this, i] {
      meet(gpus[i]);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    };
  }
  found();
  EXPECT_EQ(fit_errors, std::vector<std::string>(4, "The GPU has fallen off the bus."));
  EXPECT_EQ(n_fitted_on["cuda:0"] + n_fitted_on["cuda:2"], 23u);
  EXPECT_EQ(n_fitted_on.size(), 2u);
}

TEST_F(SeveralGpusThreads, WhereAllAreLostAllFitsFail) {
  for (test::GroupDevice& gpu : gpus) {
    gpu.on_train = [] { throw DeviceError("The power supply is not up to it."); };
  }
  found();
  EXPECT_EQ(fit_errors.size(), 27u);
}

TEST_F(SeveralGpusThreads, OneThatIsLostEndsASearchWithoutAnErrorScore) {
  options.error_score.reset();
  lose_the_second();
  EXPECT_THROW(found(), DeviceError);
}

/// Its groups become smaller, those of the others do not.
TEST_F(SeveralGpusThreads, OneWithLittleMemoryHasSmallGroups) {
  gpus[2].memory = 2;
  const auto together = scores(found());
  EXPECT_TRUE(fit_errors.empty());
  EXPECT_EQ(gpus[2].opened.at(0), 4u);
  EXPECT_EQ(gpus[2].opened.at(1), 2u);
  EXPECT_EQ(gpus[0].opened.at(0), 4u);
  for (std::size_t i = 1; i < gpus[2].opened.size(); ++i) EXPECT_LE(gpus[2].opened[i], 2u);
  EXPECT_TRUE(test::same_bits(together, scores_on_processor()));
}

TEST_F(SeveralGpusThreads, AllStopOnRequest) {
  std::stop_source stop;
  options.stop = stop.get_token();
  for (test::GroupDevice& gpu : gpus) {
    gpu.on_train = [this, &gpu, &stop] {
      meet(gpu);
      stop.request_stop();
    };
  }
  found();
  EXPECT_TRUE(n_fitted_on.empty());
  EXPECT_TRUE(fit_errors.empty());
  for (const test::GroupDevice& gpu : gpus) EXPECT_EQ(gpu.opened, std::vector<std::size_t>{4});
}

}  // namespace
}  // namespace skarma
