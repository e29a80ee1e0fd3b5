#include <skarma/model_selection/search/internal/search_devices.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/choose_device.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/model_selection/search/internal/expected_work.hpp>
#include <skarma/model_selection/splitters.hpp>
#include <skarma/tests/support/group_device.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

/// A machine with three GPUs, each glad of 7 models.
struct SearchDevicesTest : testing::Test {
  const Matrix<double> x = test::random_matrix(20, 30, 1);
  const Target y = std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  const Folds folds{x, y, {}, KFold(2).splits(20, y)};
  test::GroupDevice gpu{};
  std::map<std::string, int> n_made{};
  std::size_t n_gpus = 3;
  int n_counted = 0;
  FitAndScoreOptions options{.scoring = nullptr,
                             .return_train_score = false,
                             .error_score = {},
                             .stop = {},
                             .make_engine = [this](std::string_view name, int n_threads,
                                                   SpareThreads* spare) -> std::unique_ptr<Engine> {
                               ++n_made[std::string(name)];
                               if (name.starts_with("cuda"))
                                 return std::make_unique<test::GroupEngine>(gpu);
                               return make_engine(name, n_threads, spare);
                             },
                             .count_gpus = [this]() -> std::size_t { return ++n_counted, n_gpus; }};

  static MLPClassifier candidate(const std::string& device) {
    MLPClassifier network;
    network.set("device", device);
    return network;
  }
  /// Of so many weights on 20 samples: 120 operations each for a step.
  static MLPClassifier with_weights(std::size_t n_weights) {
    MLPClassifier network({.solver = "lbfgs", .device = "auto"});
    network.set("hidden_layer_sizes", static_cast<std::int64_t>(n_weights / 31));
    return network;
  }
  /// Of so many weights that so many fits together are as much as a GPU is chosen for.
  static MLPClassifier that_pays(std::size_t n_fits) {
    const double n_weights = kLeastFlopsOnGpu / 120.0 / static_cast<double>(n_fits);
    return with_weights(static_cast<std::size_t>(n_weights) + 31);
  }
  static std::vector<MLPClassifier> on(const std::vector<std::string>& devices) {
    std::vector<MLPClassifier> candidates;
    for (const std::string& device : devices) candidates.push_back(candidate(device));
    return candidates;
  }
  /// Asked for these candidates.
  struct Asked : SearchDevices {
    Asked(const SearchDevicesTest& test, std::size_t n_fits, int n_threads,
          const std::vector<MLPClassifier>& candidates)
        : SearchDevices(test.folds, test.options, n_fits, n_threads) {
      for (const MLPClassifier& network : candidates) add(network);
      share_gpus();
    }
    std::string device(const MLPClassifier& network) const { return placement(network, 0).device; }
  };
};

TEST_F(SearchDevicesTest, AllGpusHaveAFitterWhateverTheNumberOfThreads) {
  for (const int n_threads : {1, 2, 16}) {
    const Asked devices(*this, 100, n_threads, on({"cuda", "cuda"}));
    EXPECT_EQ(devices.n_fitters(), 3u);
    EXPECT_EQ(devices.placement(candidate("cuda"), 0).device, "cuda:0");
    EXPECT_EQ(devices.placement(candidate("cuda"), 2).device, "cuda:2");
  }
}

TEST_F(SearchDevicesTest, EachGpuHasItsPartOfTheFits) {
  gpu.most_models = 1000;
  const GroupSizes sizes = Asked(*this, 100, 1, on({"cuda"})).sizes();
  for (const char* device : {"cuda:0", "cuda:1", "cuda:2"}) EXPECT_EQ(sizes.of(device), 34u);
}

TEST_F(SearchDevicesTest, NoMoreGpusAreMadeThanThereAreFits) {
  EXPECT_EQ(Asked(*this, 2, 1, on({"cuda"})).n_fitters(), 2u);
  EXPECT_EQ(n_made, (std::map<std::string, int>{{"cuda:0", 1}, {"cuda:1", 1}}));
}

TEST_F(SearchDevicesTest, OtherDevicesBesideCudaLeaveItToOneFitter) {
  for (const char* other : {"cpu", "cuda:0", "cuda:1", "reference"}) {
    const Asked devices(*this, 100, 2, on({"cuda", other}));
    EXPECT_EQ(devices.n_fitters(), 1u) << other;
    EXPECT_EQ(devices.placement(candidate("cuda"), 0).device, "cuda:0");
    EXPECT_EQ(devices.placement(candidate(other), 0).device, other);
  }
  EXPECT_EQ(Asked(*this, 100, 2, on({"cuda:1", "cuda:1"})).n_fitters(), 1u);
  EXPECT_EQ(n_counted, 0);
}

TEST_F(SearchDevicesTest, FitsInTurnsAreForOneGpu) {
  options.before_fit = [](Estimator&) {};
  EXPECT_EQ(Asked(*this, 100, 1, on({"cuda"})).n_fitters(), 1u);
  EXPECT_EQ(Asked(*this, 100, 2, on({"cuda"})).n_fitters(), 3u);
}

TEST_F(SearchDevicesTest, ThisProcessorHasAFitterForEachThread) {
  const Asked devices(*this, 100, 4, on({"cpu", "reference"}));
  EXPECT_EQ(devices.n_fitters(), 4u);
  EXPECT_EQ(devices.placement(candidate("cpu"), 3).device, "cpu");
}

TEST_F(SearchDevicesTest, WhatAFitTakesIsOfAccountWhereDevicesTrainGroups) {
  const Asked devices(*this, 100, 1, on({"cuda", "cpu"}));
  const MLPClassifier network = candidate("cuda");
  EXPECT_EQ(devices.placement(network, 0).bytes, expected_bytes(network, x, y));
  EXPECT_GT(devices.placement(network, 0).bytes, 0u);
  EXPECT_EQ(devices.placement(candidate("cpu"), 0).bytes, 0u);
}

/// The GPU takes 7 fits together.
TEST_F(SearchDevicesTest, AutoIsAGpuWhereTheFitsPayTogether) {
  n_gpus = 1;
  const auto alone = that_pays(1), together = that_pays(7), too_small = that_pays(8);
  for (const auto& network : {alone, together}) {
    const Asked devices(*this, 100, 2, std::vector{network});
    EXPECT_EQ(devices.device(network), "cuda:0");
    EXPECT_EQ(devices.n_fitters(), 1u);
  }
  const Asked devices(*this, 100, 2, std::vector{too_small});
  EXPECT_EQ(devices.device(too_small), "cpu");
  EXPECT_EQ(devices.n_fitters(), 2u);
}

TEST_F(SearchDevicesTest, AutoCountsNoMoreFitsThanThereAre) {
  n_gpus = 1;
  const Asked devices(*this, 5, 1, std::vector{that_pays(5), that_pays(6)});
  EXPECT_EQ(devices.device(that_pays(5)), "cuda:0");
  EXPECT_EQ(devices.device(that_pays(6)), "cpu");
}

TEST_F(SearchDevicesTest, AutoIsAllGpusWhereAllCandidatesPay) {
  const auto network = that_pays(7);
  const Asked devices(*this, 100, 1, std::vector{network, candidate("cuda")});
  EXPECT_EQ(devices.n_fitters(), 3u);
  EXPECT_EQ(devices.placement(network, 2).device, "cuda:2");
  EXPECT_EQ(Asked(*this, 100, 1, std::vector{network, with_weights(31)}).n_fitters(), 1u);
}

TEST_F(SearchDevicesTest, AutoLooksForNoGpuWhereAllStepsTogetherAreSmall) {
  const auto network = that_pays(101);
  const Asked devices(*this, 100, 2, std::vector{network});
  EXPECT_EQ(devices.device(network), "cpu");
  EXPECT_EQ(devices.n_fitters(), 2u);
  EXPECT_EQ(n_counted, 0);
  EXPECT_EQ(n_made, (std::map<std::string, int>{{"cpu", 1}}));
}

TEST_F(SearchDevicesTest, AutoIsThisProcessorWhereThereIsNoGpu) {
  n_gpus = 0;
  const auto network = that_pays(1);
  const Asked devices(*this, 100, 2, std::vector{network});
  EXPECT_EQ(devices.device(network), "cpu");
  EXPECT_EQ(devices.n_fitters(), 2u);
  EXPECT_EQ(n_made, (std::map<std::string, int>{{"cpu", 1}}));
}

TEST_F(SearchDevicesTest, AutoCountsFitsInTurnsOneByOne) {
  options.before_fit = [](Estimator&) {};
  const Asked devices(*this, 100, 1, std::vector{that_pays(1), that_pays(7)});
  EXPECT_EQ(devices.device(that_pays(1)), "cuda:0");
  EXPECT_EQ(devices.device(that_pays(7)), "cpu");
}

TEST_F(SearchDevicesTest, AnEngineThatWasAskedIsNotMadeAgain) {
  Asked devices(*this, 100, 1, on({"cuda:1", "cuda:1", "cpu"}));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(devices.make("cuda:1", 1, nullptr)->capabilities().most_models, 7u);
    EXPECT_EQ(n_made["cuda:1"], 1 + i);
  }
}

TEST_F(SearchDevicesTest, TheLastFitterStaysWhateverItsDeviceDoes) {
  Asked devices(*this, 100, 1, on({"cuda"}));
  EXPECT_TRUE(devices.leave());
  EXPECT_TRUE(devices.leave());
  EXPECT_FALSE(devices.leave());
  EXPECT_FALSE(Asked(*this, 100, 1, on({"cuda:0"})).leave());
}

TEST_F(SearchDevicesTest, LeaveNamesThatAreNoneToTheFits) {
  options.make_engine = [](std::string_view, int, SpareThreads*) -> std::unique_ptr<Engine> {
    throw DeviceError("There is no device.");
  };
  const Asked devices(*this, 100, 1, on({"toaster"}));
  EXPECT_EQ(devices.sizes().of("toaster"), 1u);
  EXPECT_THROW_WITH(Asked(*this, 100, 1, on({"reference"})), DeviceError, "There is no device.");
}

}  // namespace
}  // namespace skarma
