#pragma once

#include <cstdint>
#include <memory>

#include <skarma/core/base/device_description.hpp>
#include <skarma/gpu/device/device.hpp>

namespace skarma::gpu {

// All throw DeviceError: no driver or one that is too old, no GPU of that number, or a library that
// was built without CUDA.

std::int32_t n_cuda_devices();
DeviceDescription describe_cuda_device(std::int32_t number);
std::unique_ptr<Device> make_cuda_device(std::int32_t number);

}  // namespace skarma::gpu
