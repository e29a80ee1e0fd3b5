#include <skarma/core/engine/registry.hpp>

#include <cstdint>
#include <filesystem>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/device_name.hpp>
#include <skarma/core/engine/plugin_library.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/plugins.hpp>

namespace skarma {
namespace {

/// The threads of this process.
std::ptrdiff_t n_running() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

TEST(RegistryThreads, ThatAPredictionHasNoWorkForAreNotStarted) {
  const std::ptrdiff_t before = n_running();
  const auto started = [&](std::size_t n_samples) {
    const auto engine = make_engine_to_predict("cpu", 3, n_samples);
    return n_running() - before;
  };
  EXPECT_EQ(started(0), 0);
  EXPECT_EQ(started(1), 0);
  EXPECT_EQ(started(100000), 2);
}

TEST(Registry, MakesEveryDevice) {
  const Matrix<double> x(3, 2);
  for (const auto device : kDevices) {
    EXPECT_NO_THROW(make_engine(device)->hold(x)) << device;
    EXPECT_NO_THROW(make_engine_to_predict(device, 2, 3)->hold(x)) << device;
  }
}

TEST(Registry, KnowsItsDevices) {
  for (const auto device : kDevices) EXPECT_TRUE(is_device(device)) << device;
  for (const auto name : {"cuda", "cuda:3", "cuda-host"}) EXPECT_TRUE(is_device(name)) << name;
  for (const auto name : {"", "CPU", "toaster", "auto"}) EXPECT_FALSE(is_device(name)) << name;
}

TEST(Registry, DevicesOfThisProcessorGainNothingByGroups) {
  for (const auto device : kDevices) {
    const Capabilities said = make_engine(device)->capabilities();
    EXPECT_EQ(said.most_models, 1u) << device;
    EXPECT_EQ(said.free_memory, 0u) << device;
  }
}

/// Of the test's GPUs, which each engine takes a byte of.
std::uint64_t free_memory() { return describe_gpus().front().memory_free; }

TEST(Registry, MakesDevicesOfALibrary) {
  test::bring_plugin("skarma_cpu_plugin");
  const Matrix<double> x(3, 2);
  for (const char* device : {"cuda", "cuda:0", "cuda:1", "cuda-host"}) {
    EXPECT_NO_THROW(require_device(device)) << device;
    const std::uint64_t before = free_memory();
    EXPECT_NO_THROW(make_engine(device)->hold(x)) << device;
    EXPECT_EQ(free_memory(), before - 1) << device;
    EXPECT_EQ(device_to_predict_on(device, "cpu"), full_device_name(device));
  }
}

TEST(Registry, SaysWhichGpusThereAre) {
  test::bring_plugin("skarma_cpu_plugin");
  EXPECT_THROW_WITH(require_device("cuda:2"), DeviceError,
                    "device='cuda:2' cannot be used here. The last GPU here is 'cuda:1'.");
  EXPECT_THROW_WITH(make_engine("cuda:2"), DeviceError, "There is no device 2.");
  EXPECT_TRUE(has_gpu());
  EXPECT_EQ(count_gpus(), 2u);
  const auto gpus = describe_gpus();
  ASSERT_EQ(gpus.size(), 2);
  EXPECT_EQ(gpus[1].name, "Test device 1");
}

TEST(Registry, PredictsOnTheProcessorWhereTheDeviceIsNot) {
  test::bring_plugin("skarma_cpu_plugin");
  EXPECT_EQ(device_to_predict_on("cuda:2", "cuda:2"), "cpu");
  EXPECT_EQ(device_to_predict_on("cpu", "cuda:1"), "cpu");
  EXPECT_EQ(device_to_predict_on("reference", "cpu"), "reference");
}

TEST(Registry, PredictsOnTheDeviceThatAutoHasChosen) {
  test::bring_plugin("skarma_cpu_plugin");
  EXPECT_EQ(device_to_predict_on("auto", "cpu"), "cpu");
  EXPECT_EQ(device_to_predict_on("auto", "cuda:1"), "cuda:1");
  EXPECT_EQ(device_to_predict_on("auto", "cuda:2"), "cpu");
}

TEST(RegistryWithoutDriver, HasNoGpu) {
  test::bring_plugin("skarma_no_driver");
  if (&device_plugin() != &open_plugin(test::plugin_path("skarma_no_driver"))) {
    GTEST_SKIP() << "This process has opened another library: run the test alone, as CTest does.";
  }
  EXPECT_FALSE(has_gpu());
  EXPECT_EQ(count_gpus(), 0u);
  EXPECT_THROW_WITH(describe_gpus(), DeviceError, "There is no driver.");
  EXPECT_EQ(device_to_predict_on("cuda", "cuda:0"), "cpu");
  EXPECT_EQ(device_to_predict_on("auto", "cuda:0"), "cpu");
}

}  // namespace
}  // namespace skarma
