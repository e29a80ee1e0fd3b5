#include <skarma/core/engine/registry.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/cpu/cpu_engine.hpp>
#include <skarma/core/cpu/predict.hpp>
#include <skarma/core/engine/device_name.hpp>
#include <skarma/core/engine/plugin_devices.hpp>
#include <skarma/core/engine/plugin_engine.hpp>
#include <skarma/core/engine/plugin_library.hpp>
#include <skarma/core/reference/reference_engine.hpp>

namespace skarma {
namespace {

/// Throws DeviceError where the library, its driver or the device of this number is not there.
void require_plugin_device(std::int32_t device) {
  const skarma_device_api& api = device_plugin();
  if (device == SKARMA_HOST_DEVICE) return;
  const std::int32_t n = count_devices(api);
  if (device < n) return;
  throw DeviceError(n == 0 ? "There is no GPU."
                           : fmt::format("The last GPU here is 'cuda:{}'.", n - 1));
}

bool is_there(std::int32_t device) {
  try {
    require_plugin_device(device);
    return true;
  } catch (const DeviceError&) {
    return false;
  }
}

}  // namespace

bool is_device(std::string_view name) {
  return std::ranges::find(kDevices, name) != kDevices.end() || plugin_device(name).has_value();
}

std::unique_ptr<Engine> make_engine(std::string_view device, int n_threads, SpareThreads* spare) {
  if (device == "cpu") return make_cpu_engine(n_threads, spare);
  if (device == "reference") return make_reference_engine();
  const auto number = plugin_device(device);
  SKARMA_CHECK(number.has_value());
  return make_plugin_engine(*number);
}

std::unique_ptr<Engine> make_engine_to_predict(std::string_view device, int n_threads,
                                               std::size_t n_samples) {
  const auto useful =
      std::min(static_cast<std::size_t>(n_threads), most_predicting_threads(n_samples));
  return make_engine(device, static_cast<int>(useful));
}

std::unique_ptr<Engine> make_plugin_engine(std::int32_t device) {
  return make_plugin_engine(device_plugin(), device);
}

std::vector<DeviceDescription> describe_gpus() { return describe_devices(device_plugin()); }

std::size_t count_gpus() {
  try {
    return static_cast<std::size_t>(std::max(count_devices(device_plugin()), 0));
  } catch (const DeviceError&) {
    return 0;
  }
}

bool has_gpu() { return count_gpus() > 0; }

void require_device(std::string_view device) {
  const auto number = plugin_device(device);
  if (!number) return;
  try {
    require_plugin_device(*number);
  } catch (const DeviceError& error) {
    throw DeviceError(fmt::format("device='{}' cannot be used here. {}", device, error.what()));
  }
}

std::string device_to_predict_on(std::string_view device, std::string_view fitted_on) {
  const std::string_view wanted = device == "auto" ? fitted_on : device;
  const auto number = plugin_device(wanted);
  return !number || is_there(*number) ? full_device_name(wanted) : "cpu";
}

}  // namespace skarma
