#include <skarma/core/engine/registry.hpp>

#include <filesystem>

#include <gtest/gtest.h>

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
  for (const auto name : {"", "CPU", "toaster"}) EXPECT_FALSE(is_device(name)) << name;
}

TEST(Registry, DevicesOfThisProcessorGainNothingByGroups) {
  for (const auto device : kDevices) {
    const Capabilities said = make_engine(device)->capabilities();
    EXPECT_EQ(said.most_models, 1u) << device;
    EXPECT_EQ(said.free_memory, 0u) << device;
  }
}

}  // namespace
}  // namespace skarma
