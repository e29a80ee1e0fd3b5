// Says whether the other tests here have had a GPU among the devices.
#include <algorithm>

#include <gtest/gtest.h>

#include <skarma/tests/support/devices.hpp>
#include <skarma/tests/support/gpu.hpp>

namespace skarma {
namespace {

using Gpu = test::OnGpu;

TEST_F(Gpu, IsAmongTheDevices) {
  const auto devices = test::devices();
  EXPECT_NE(std::find(devices.begin(), devices.end(), test::kCuda), devices.end());
}

}  // namespace
}  // namespace skarma
