// A list of layers on the devices of a library that calls this processor so.
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/nn/sequential.hpp>
#include <skarma/estimators/runtime.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/plugins.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma::nn {
namespace {

class SequentialOnDevices : public ::testing::Test {
 protected:
  SequentialOnDevices() { test::bring_plugin("skarma_cpu_plugin"); }

  static Sequential network(const char* device) {
    Sequential model({Conv2D(3, {2, 2}, "relu", {1, 1}, "same", {4, 4, 1}), BatchNorm(),
                      MaxPool2D(), Flatten(), Dropout(0.2), Dense(3, "softmax")},
                     RandomSeed(0));
    model.compile({}, "sparse_categorical_crossentropy");
    model.set_device(device);
    return model;
  }
  HistoryTable fit(Sequential& model) const {
    return model.fit(x, std::span<const std::int32_t>(y), {.batch_size = 16, .epochs = 3});
  }
  /// Engines that the library has made, counted from any number.
  static std::uint64_t n_engines() { return 0 - runtime_info().gpus.front().memory_free; }

  Matrix<float> x = test::random_matrix<float>(40, 16, 5);
  std::vector<std::int32_t> y = [] {
    std::vector<std::int32_t> classes(40);
    for (std::size_t i = 0; i < 40; ++i) classes[i] = static_cast<std::int32_t>(i % 3);
    return classes;
  }();
};

TEST_F(SequentialOnDevices, FitsAndPredictsThere) {
  Sequential cpu = network("cpu");
  const auto losses = fit(cpu).loss;
  for (const char* device : {"cuda", "cuda:1", "cuda-host"}) {
    Sequential model = network(device);
    EXPECT_EQ(model.device(), device);
    const auto before = n_engines();
    EXPECT_EQ(fit(model).loss, losses);
    EXPECT_EQ(n_engines(), before + 1) << device;
    EXPECT_EQ(model.weights(), cpu.weights());
    EXPECT_EQ(model.predict(x).values(), cpu.predict(x).values());
    EXPECT_EQ(n_engines(), before + 2) << device;
    const std::span<const std::int32_t> classes(y);
    EXPECT_EQ(model.evaluate(x, classes).loss, cpu.evaluate(x, classes).loss);
    EXPECT_EQ(n_engines(), before + 3) << device;
  }
}

TEST_F(SequentialOnDevices, LearnsNothingWhereTheDeviceIsNot) {
  Sequential model = network("cuda:2");
  const auto before = model.weights();
  EXPECT_THROW_WITH(fit(model), DeviceError,
                    "device='cuda:2' cannot be used here. The last GPU here is 'cuda:1'.");
  EXPECT_EQ(model.weights(), before);
  EXPECT_EQ(model.predict(x).values(), network("cpu").predict(x).values());
}

TEST_F(SequentialOnDevices, KnowsTheNamesOfDevices) {
  Sequential model = network("auto");
  EXPECT_THROW_WITH(
      model.set_device("gpu"), std::invalid_argument,
      "The 'device' of Sequential must be one of 'cpu', 'cuda', 'cuda:N', 'cuda-host', 'auto', "
      "'reference'. Got 'gpu' instead.");
  EXPECT_EQ(model.device(), "auto");
}

TEST_F(SequentialOnDevices, KeepsTheDeviceInCopiesAndFiles) {
  Sequential model = network("cuda:1");
  EXPECT_EQ(Sequential(model).device(), "cuda:1");
  fit(model);
  EXPECT_EQ(Sequential::from_bytes(model.to_bytes()).device(), "cuda:1");
  EXPECT_EQ(Sequential::from_bytes(network("cpu").to_bytes()).device(), "cpu");
}

/// A convolution's weights are used at each place: 'auto' goes by that, not by how many there are.
TEST_F(SequentialOnDevices, AutoTakesAGpuForManyPlaces) {
  const auto n_made = [&](std::size_t side) {
    Sequential model({Conv2D(32, {3, 3}, "relu", {1, 1}, "same", {side, side, 1}),
                      Conv2D(32, {3, 3}, "relu"), GlobalAveragePool2D(), Dense(3, "softmax")},
                     RandomSeed(0));
    model.compile({}, "sparse_categorical_crossentropy");
    model.set_device("auto");
    const auto images = test::random_matrix<float>(4, side * side, 1);
    const std::vector<std::int32_t> classes{0, 1, 2, 0};
    const auto before = n_engines();
    model.fit(images, std::span<const std::int32_t>(classes), {.batch_size = 4});
    return n_engines() - before;
  };
  EXPECT_EQ(n_made(4), 0u);
  EXPECT_EQ(n_made(20), 1u);
}

}  // namespace
}  // namespace skarma::nn
