// Estimators on devices that a library brings: here the processor, under other names.
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/estimators/runtime.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/plugins.hpp>

namespace skarma {
namespace {

const Matrix<double> kX(6, 2, {0, 1, 2, 3, 4, 5, 6, 8, 1, 0, 3, 2});
const std::vector<int> kLabels = {0, 1, 0, 1, 0, 1};
const std::vector<double> kNumbers = {0, 1, 2, 3, 4, 5};

MLPClassifierParams on(const std::string& device, std::vector<int> units = {3}) {
  return {
      .hidden_layer_sizes = std::move(units), .max_iter = 3, .random_state = 0, .device = device};
}

/// Engines that the library has made, counted from any number.
std::uint64_t n_engines() { return 0 - runtime_info().gpus.front().memory_free; }

class MlpOnDevices : public ::testing::Test {
 protected:
  MlpOnDevices() { test::bring_plugin("skarma_cpu_plugin"); }
};

TEST_F(MlpOnDevices, FitsAndPredictsThere) {
  const MLPClassifier cpu = MLPClassifier(on("cpu")).fit(kX, kLabels);
  EXPECT_EQ(cpu.device_used(), "cpu");
  for (const char* device : {"cuda", "cuda:0", "cuda:1", "cuda-host"}) {
    MLPClassifier model(on(device));
    const auto before = n_engines();
    model.fit(kX, kLabels);
    EXPECT_EQ(n_engines(), before + 1) << device;
    EXPECT_EQ(model.packed_parameters(), cpu.packed_parameters()) << device;
    EXPECT_EQ(model.device_used(), device == std::string("cuda") ? "cuda:0" : device);
    EXPECT_EQ(model.predict_proba(kX).values(), cpu.predict_proba(kX).values()) << device;
    EXPECT_EQ(n_engines(), before + 2) << device;
  }
}

TEST_F(MlpOnDevices, LearnNothingWhereTheDeviceIsNot) {
  Matrix<double> wrong = kX;
  wrong(0, 0) = std::numeric_limits<double>::quiet_NaN();
  constexpr const char* kText =
      "device='cuda:2' cannot be used here. The last GPU here is 'cuda:1'.";
  EXPECT_THROW_WITH(MLPClassifier(on("cuda:2")).fit(wrong, kLabels), DeviceError, kText);
  EXPECT_THROW_WITH(MLPClassifier(on("cuda:2")).partial_fit(wrong, kLabels), DeviceError, kText);
  EXPECT_THROW_WITH(MLPRegressor({.device = "cuda:2"}).fit(wrong, kNumbers), DeviceError, kText);
  EXPECT_THROW_WITH(MLPRegressor({.device = "cuda:2"}).partial_fit(wrong, kNumbers), DeviceError,
                    kText);
  const auto pipeline = make_pipeline(StandardScaler(), MLPClassifier(on("cuda:2")));
  EXPECT_THROW_WITH(pipeline.check_device(), DeviceError, kText);
}

TEST_F(MlpOnDevices, PredictOnTheProcessorWhereTheDeviceIsNot) {
  MLPClassifier model(on("cuda"));
  model.fit(kX, kLabels);
  const auto expected = model.predict_proba(kX).values();
  model.set("device", "cuda:2");
  const auto before = n_engines();
  EXPECT_EQ(model.predict_proba(kX).values(), expected);
  EXPECT_EQ(n_engines(), before);
  EXPECT_THROW(model.fit(kX, kLabels), DeviceError);
}

TEST_F(MlpOnDevices, RememberThemInFiles) {
  for (const char* device : {"cpu", "cuda:1", "reference"}) {
    const std::string bytes = model_to_bytes(MLPClassifier(on(device)).fit(kX, kLabels));
    const auto loaded = model_from_bytes(bytes, "the file");
    EXPECT_EQ(dynamic_cast<const MLPClassifier&>(*loaded).device_used(), device);
  }
}

TEST_F(MlpOnDevices, AreKnownIfAFileNamesThem) {
  MLPClassifier model(on("cuda:1"));
  model.fit(kX, kLabels).set("device", "cpu");
  std::string bytes = model_to_bytes(model);
  bytes.replace(bytes.find("cuda:1"), 6, "cuda:x");
  EXPECT_THROW_WITH(model_from_bytes(bytes, "the file"), std::runtime_error,
                    "the device 'cuda:x' is not known");
}

TEST_F(MlpOnDevices, AreChosenByTheWorkOfAStep) {
  MLPClassifier small(on("auto"));
  small.fit(kX, kLabels);
  EXPECT_EQ(small.device_used(), "cpu");
  // 6 flops * 6 rows * about 1210 ** 2 weights is more than 5e7, with 5 rows it is less.
  const auto before = n_engines();
  MLPClassifier large(on("auto", {1210, 1210}));
  EXPECT_EQ(large.fit(kX, kLabels).device_used(), "cuda:0");
  EXPECT_EQ(n_engines(), before + 1);
  large.set("batch_size", std::int64_t{5});
  EXPECT_EQ(large.fit(kX, kLabels).device_used(), "cpu");
  large.set("solver", "lbfgs");  // takes all rows at once
  EXPECT_EQ(large.fit(kX, kLabels).device_used(), "cuda:0");
}

TEST_F(MlpOnDevices, PredictWhereAutoHasTrained) {
  MLPClassifier model(on("cuda:1"));
  model.fit(kX, kLabels).set("device", "auto");
  const auto before = n_engines();
  model.predict(kX);
  EXPECT_EQ(n_engines(), before + 1);
}

TEST(MlpWithoutDevices, AutoIsTheProcessor) {
  unsetenv("SKARMA_GPU_PLUGIN");
  if (!runtime_info().gpus.empty())
    GTEST_SKIP() << "This process has opened a library: run this alone.";
  MLPClassifier large(on("auto", {1210, 1210}));
  EXPECT_EQ(large.fit(kX, kLabels).device_used(), "cpu");
}

}  // namespace
}  // namespace skarma
