#include <skarma/core/engine/plugin_devices.hpp>

#include <algorithm>
#include <cstddef>
#include <string>

#include <skarma/core/engine/plugin_failure.hpp>

namespace skarma {
namespace {

/// A text that fills its array has no ending zero.
template <std::size_t n>
std::string text_in(const char (&text)[n]) {
  return {text, std::find(text, text + n, '\0')};
}

}  // namespace

std::int32_t count_devices(const skarma_device_api& api) {
  std::int32_t n = 0;
  checked([&](skarma_message* message) { return api.count_devices(&n, message); });
  return n;
}

DeviceDescription describe_device(const skarma_device_api& api, std::int32_t device) {
  skarma_device_description found{};
  checked([&](skarma_message* message) { return api.describe_device(device, &found, message); });
  return {.name = text_in(found.name),
          .compute_capability = text_in(found.compute_capability),
          .driver_version = text_in(found.driver_version),
          .runtime_version = text_in(found.runtime_version),
          .memory_total = found.memory_total,
          .memory_free = found.memory_free,
          .n_multiprocessors = found.n_multiprocessors};
}

std::vector<DeviceDescription> describe_devices(const skarma_device_api& api) {
  std::vector<DeviceDescription> all;
  const std::int32_t n = count_devices(api);
  all.reserve(static_cast<std::size_t>(std::max(n, 0)));
  for (std::int32_t device = 0; device < n; ++device) all.push_back(describe_device(api, device));
  return all;
}

}  // namespace skarma
