#pragma once

#include <memory>

#include <skarma/core/engine/engine.hpp>
#include <skarma/gpu/device/device.hpp>

namespace skarma::gpu {

/// The engine of a device: data and models lie in its memory, each model of a group is one block's.
std::unique_ptr<Engine> make_device_engine(std::unique_ptr<Device> device);

}  // namespace skarma::gpu
