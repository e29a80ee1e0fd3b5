#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <skarma/core/engine/engine.hpp>
#include <skarma/core/parallel/spare_threads.hpp>

namespace skarma {

/// The devices that compute: this processor, or every formula in Armadillo, to compare with.
inline constexpr std::array<std::string_view, 2> kDevices = {"cpu", "reference"};

/// Whether make_engine knows the device.
bool is_device(std::string_view name);

/// The engine of a device of kDevices. `n_threads` and `spare` are for 'cpu'.
std::unique_ptr<Engine> make_engine(std::string_view device, int n_threads = 1,
                                    SpareThreads* spare = nullptr);
/// The same for one prediction for so many samples: no more threads than have something to do.
std::unique_ptr<Engine> make_engine_to_predict(std::string_view device, int n_threads,
                                               std::size_t n_samples);
/// The engine of a device that a library brings (plugin_library.hpp), by its number. No name of
/// kDevices leads here yet. Throws DeviceError.
std::unique_ptr<Engine> make_plugin_engine(std::int32_t device = 0);

}  // namespace skarma
