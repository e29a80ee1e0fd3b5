#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/core/base/device_description.hpp>
#include <skarma/core/engine/engine.hpp>
#include <skarma/core/parallel/spare_threads.hpp>

namespace skarma {

/// The devices that are there everywhere: this processor, or every formula in Armadillo, to compare
/// with. device_name.hpp has all names.
inline constexpr std::array<std::string_view, 2> kDevices = {"cpu", "reference"};

/// Whether make_engine knows the device.
bool is_device(std::string_view name);

/// The engine of a device of kDeviceNames, but for 'auto', which choose_device() makes another one.
/// `n_threads` and `spare` are for 'cpu'. Throws DeviceError.
std::unique_ptr<Engine> make_engine(std::string_view device, int n_threads = 1,
                                    SpareThreads* spare = nullptr);
/// The same for one prediction for so many samples: no more threads than have something to do.
std::unique_ptr<Engine> make_engine_to_predict(std::string_view device, int n_threads,
                                               std::size_t n_samples);
/// The engine of a device that a library brings (plugin_library.hpp), by its number. Throws
/// DeviceError.
std::unique_ptr<Engine> make_plugin_engine(std::int32_t device = 0);

/// All GPUs, in the order of their numbers. Throws DeviceError, which says why there can be none.
std::vector<DeviceDescription> describe_gpus();
/// How many GPUs there are; 0 where there can be none.
std::size_t count_gpus();
/// Whether there is a GPU.
bool has_gpu();
/// Throws DeviceError, which says why, where no fit can use this device of kDeviceNames.
void require_device(std::string_view device);
/// The device that predictions use: the same, or 'cpu' where it is not there; for 'auto' that of
/// the fit, by the same rule.
std::string device_to_predict_on(std::string_view device, std::string_view fitted_on);

}  // namespace skarma
