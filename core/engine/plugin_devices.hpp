#pragma once

#include <cstdint>
#include <vector>

#include <skarma/core/engine/device_abi.h>
#include <skarma/core/base/device_description.hpp>

namespace skarma {

/// How many GPUs a library finds, numbered from 0. Throws DeviceError, which says why there can be
/// none.
std::int32_t count_devices(const skarma_device_api& api);
/// What the GPU of this number is. Throws DeviceError.
DeviceDescription describe_device(const skarma_device_api& api, std::int32_t device);
/// All of them.
std::vector<DeviceDescription> describe_devices(const skarma_device_api& api);

}  // namespace skarma
