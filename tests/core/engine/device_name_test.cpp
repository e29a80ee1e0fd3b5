#include <skarma/core/engine/device_name.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include <skarma/core/engine/registry.hpp>

namespace skarma {
namespace {

TEST(DeviceName, OfALibraryIsANumberThere) {
  EXPECT_EQ(plugin_device("cuda"), 0);
  EXPECT_EQ(plugin_device("cuda:0"), 0);
  EXPECT_EQ(plugin_device("cuda:3"), 3);
  EXPECT_EQ(plugin_device("cuda-host"), -1);
  for (const auto device : {"cpu", "reference", "auto", "cuda:", "cuda:x", "gpu"}) {
    EXPECT_EQ(plugin_device(device), std::nullopt) << device;
  }
}

TEST(DeviceName, IsOne) {
  EXPECT_EQ(full_device_name("cuda"), "cuda:0");
  for (const auto device : {"cpu", "cuda:0", "cuda:1", "cuda-host", "reference"}) {
    EXPECT_EQ(full_device_name(device), device);
  }
}

TEST(DeviceName, IsListedForEveryDevice) {
  for (const auto device : kDevices) {
    EXPECT_NE(std::find(kDeviceNames.begin(), kDeviceNames.end(), device), kDeviceNames.end());
  }
}

}  // namespace
}  // namespace skarma
