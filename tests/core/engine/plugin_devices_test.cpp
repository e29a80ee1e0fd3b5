// What a library says of its devices, right or wrong. tests/gpu has both sides of it.
#include <skarma/core/engine/plugin_devices.hpp>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

std::int32_t count_two(std::int32_t* n, skarma_message*) {
  *n = 2;
  return SKARMA_OK;
}

std::int32_t find_no_driver(std::int32_t*, skarma_message* message) {
  std::strncpy(message->text, "There is no driver.", message->capacity);
  return SKARMA_DEVICE_ERROR;
}

/// The last one is lost; the texts of the others fill their room.
std::int32_t describe_first(std::int32_t device, skarma_device_description* found,
                            skarma_message* message) {
  if (device > 0) {
    std::strncpy(message->text, "It fell off the bus.", message->capacity);
    return SKARMA_DEVICE_ERROR;
  }
  std::fill(std::begin(found->name), std::end(found->name), 'n');
  std::fill(std::begin(found->compute_capability), std::end(found->compute_capability), '9');
  found->memory_free = 5;
  return SKARMA_OK;
}

skarma_device_api api_that_counts_by(decltype(skarma_device_api::count_devices) count) {
  skarma_device_api api{};
  api.count_devices = count;
  api.describe_device = describe_first;
  return api;
}

TEST(PluginDevices, AreCounted) { EXPECT_EQ(count_devices(api_that_counts_by(count_two)), 2); }

TEST(PluginDevices, MayHaveTextsWithoutAnEnd) {
  const DeviceDescription found = describe_device(api_that_counts_by(count_two), 0);
  EXPECT_EQ(found.name, std::string(128, 'n'));
  EXPECT_EQ(found.compute_capability, std::string(16, '9'));
  EXPECT_EQ(found.driver_version, "");
  EXPECT_EQ(found.memory_free, 5);
}

TEST(PluginDevices, ThrowWhatTheLibraryReports) {
  EXPECT_THROW_WITH(count_devices(api_that_counts_by(find_no_driver)), DeviceError,
                    "There is no driver.");
  EXPECT_THROW_WITH(describe_devices(api_that_counts_by(find_no_driver)), DeviceError,
                    "There is no driver.");
  EXPECT_THROW_WITH(describe_devices(api_that_counts_by(count_two)), DeviceError,
                    "It fell off the bus.");
}

}  // namespace
}  // namespace skarma
