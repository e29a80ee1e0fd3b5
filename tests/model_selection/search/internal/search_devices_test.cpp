#include <skarma/model_selection/search/internal/search_devices.hpp>

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
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
                             .count_gpus = [this]() -> std::size_t { return ++n_counted, 3; }};

  static MLPClassifier candidate(const std::string& device) {
    MLPClassifier network;
    network.set("device", device);
    return network;
  }
  /// Asked for candidates of these devices.
  struct Asked : SearchDevices {
    Asked(const SearchDevicesTest& test, std::size_t n_fits, int n_threads,
          const std::vector<std::string>& devices)
        : SearchDevices(test.folds, test.options, n_fits, n_threads) {
      for (const std::string& device : devices) add(candidate(device));
      share_gpus();
    }
  };
};

TEST_F(SearchDevicesTest, AllGpusHaveAFitterWhateverTheNumberOfThreads) {
  for (const int n_threads : {1, 2, 16}) {
    const Asked devices(*this, 100, n_threads, {"cuda", "cuda"});
    EXPECT_EQ(devices.n_fitters(), 3u);
    EXPECT_EQ(devices.placement(candidate("cuda"), 0).device, "cuda:0");
    EXPECT_EQ(devices.placement(candidate("cuda"), 2).device, "cuda:2");
  }
}

TEST_F(SearchDevicesTest, EachGpuHasItsPartOfTheFits) {
  gpu.most_models = 1000;
  const GroupSizes sizes = Asked(*this, 100, 1, {"cuda"}).sizes();
  for (const char* device : {"cuda:0", "cuda:1", "cuda:2"}) EXPECT_EQ(sizes.of(device), 34u);
}

TEST_F(SearchDevicesTest, NoMoreGpusAreMadeThanThereAreFits) {
  EXPECT_EQ(Asked(*this, 2, 1, {"cuda"}).n_fitters(), 2u);
  EXPECT_EQ(n_made, (std::map<std::string, int>{{"cuda:0", 1}, {"cuda:1", 1}}));
}

TEST_F(SearchDevicesTest, OtherDevicesBesideCudaLeaveItToOneFitter) {
  for (const char* other : {"cpu", "cuda:0", "cuda:1", "reference"}) {
    const Asked devices(*this, 100, 2, {"cuda", other});
    EXPECT_EQ(devices.n_fitters(), 1u) << other;
    EXPECT_EQ(devices.placement(candidate("cuda"), 0).device, "cuda:0");
    EXPECT_EQ(devices.placement(candidate(other), 0).device, other);
  }
  EXPECT_EQ(Asked(*this, 100, 2, {"cuda:1", "cuda:1"}).n_fitters(), 1u);
  EXPECT_EQ(n_counted, 0);
}

TEST_F(SearchDevicesTest, FitsInTurnsAreForOneGpu) {
  options.before_fit = [](Estimator&) {};
  EXPECT_EQ(Asked(*this, 100, 1, {"cuda"}).n_fitters(), 1u);
  EXPECT_EQ(Asked(*this, 100, 2, {"cuda"}).n_fitters(), 3u);
}

TEST_F(SearchDevicesTest, ThisProcessorHasAFitterForEachThread) {
  const Asked devices(*this, 100, 4, {"cpu", "reference"});
  EXPECT_EQ(devices.n_fitters(), 4u);
  EXPECT_EQ(devices.placement(candidate("cpu"), 3).device, "cpu");
}

TEST_F(SearchDevicesTest, WhatAFitTakesIsOfAccountWhereDevicesTrainGroups) {
  const Asked devices(*this, 100, 1, {"cuda", "cpu"});
  const MLPClassifier network = candidate("cuda");
  EXPECT_EQ(devices.placement(network, 0).bytes, expected_bytes(network, x, y));
  EXPECT_GT(devices.placement(network, 0).bytes, 0u);
  EXPECT_EQ(devices.placement(candidate("cpu"), 0).bytes, 0u);
}

TEST_F(SearchDevicesTest, AnEngineThatWasAskedIsNotMadeAgain) {
  Asked devices(*this, 100, 1, {"cuda:1", "cuda:1", "cpu"});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(devices.make("cuda:1", 1, nullptr)->capabilities().most_models, 7u);
    EXPECT_EQ(n_made["cuda:1"], 1 + i);
  }
}

TEST_F(SearchDevicesTest, TheLastFitterStaysWhateverItsDeviceDoes) {
  Asked devices(*this, 100, 1, {"cuda"});
  EXPECT_TRUE(devices.leave());
  EXPECT_TRUE(devices.leave());
  EXPECT_FALSE(devices.leave());
  EXPECT_FALSE(Asked(*this, 100, 1, {"cuda:0"}).leave());
}

TEST_F(SearchDevicesTest, LeaveNamesThatAreNoneToTheFits) {
  options.make_engine = [](std::string_view, int, SpareThreads*) -> std::unique_ptr<Engine> {
    throw DeviceError("There is no device.");
  };
  const Asked devices(*this, 100, 1, {"toaster"});
  EXPECT_EQ(devices.sizes().of("toaster"), 1u);
  EXPECT_THROW_WITH(Asked(*this, 100, 1, {"reference"}), DeviceError, "There is no device.");
}

}  // namespace
}  // namespace skarma
