#pragma once

#include <cstdint>
#include <memory>

#include <skarma/core/engine/device_abi.h>
#include <skarma/core/engine/engine.hpp>

namespace skarma::gpu {

/// Makes the engine of a device by its number. Throws DeviceError where there is no such device.
using MakeEngine = std::unique_ptr<Engine> (*)(std::int32_t device);
using CreateFunction = decltype(skarma_device_api::create);

/// What `create` of the api does; all that it throws becomes a code and a text.
std::int32_t create_engine(MakeEngine make, std::int32_t device, skarma_engine** engine,
                           skarma_message* message) noexcept;
/// The functions that call an engine so made.
skarma_device_api device_api(CreateFunction create);

/// What a library with the engines of `make` exports: its skarma_device_plugin returns this.
template <MakeEngine make>
const skarma_device_api* served_engines() {
  static const skarma_device_api api =
      device_api([](std::int32_t device, skarma_engine** engine, skarma_message* message) {
        return create_engine(make, device, engine, message);
      });
  return &api;
}

}  // namespace skarma::gpu
