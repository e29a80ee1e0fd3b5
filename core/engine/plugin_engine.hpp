#pragma once

#include <cstdint>
#include <memory>

#include <skarma/core/engine/device_abi.h>
#include <skarma/core/engine/engine.hpp>

namespace skarma {

/// The engine of a device that a library brings, by its number there. What fails there is thrown
/// here as it would be by another engine, and as DeviceError where it is the device's own affair.
/// A device that cannot give the numbers of closed models back leaves NaN.
std::unique_ptr<Engine> make_plugin_engine(const skarma_device_api& api, std::int32_t device);

}  // namespace skarma
