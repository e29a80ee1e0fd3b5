#pragma once

#include <memory>
#include <string>

#include <skarma/gpu/device/device.hpp>

namespace skarma::gpu {

// All throw DeviceError: no driver or one that is too old, no GPU.

/// 0 and more; where there are none, it throws.
int n_cuda_devices();
/// The GPU of this number, from 0.
std::unique_ptr<Device> make_cuda_device(int number);
/// "13.0" of 13000.
std::string cuda_version_text(int version);

}  // namespace skarma::gpu
