#pragma once

#include <cstdint>
#include <memory>

#include <skarma/core/engine/device_abi.h>
#include <skarma/core/base/device_description.hpp>
#include <skarma/core/engine/engine.hpp>

namespace skarma::gpu {

/// Makes the engine of a device by its number, or of SKARMA_HOST_DEVICE. Throws DeviceError where
/// there is no such device.
using MakeEngine = std::unique_ptr<Engine> (*)(std::int32_t device);
/// How many devices there are. Throws DeviceError, which says why there can be none.
using CountDevices = std::int32_t (*)();
/// Throws DeviceError where there is no such device.
using DescribeDevice = DeviceDescription (*)(std::int32_t device);
/// The functions of the interface that need no engine.
struct DeviceFunctions {
  decltype(skarma_device_api::create) create;
  decltype(skarma_device_api::count_devices) count_devices;
  decltype(skarma_device_api::describe_device) describe_device;
};

/// What these functions do; all that is thrown becomes a code and a text.
std::int32_t create_engine(MakeEngine make, std::int32_t device, skarma_engine** engine,
                           skarma_message* message) noexcept;
std::int32_t count_devices(CountDevices count, std::int32_t* n, skarma_message* message) noexcept;
/// Texts that are too long are cut.
std::int32_t describe_device(DescribeDevice describe, std::int32_t device,
                             skarma_device_description* description,
                             skarma_message* message) noexcept;
/// These functions, and those that call an engine.
skarma_device_api device_api(const DeviceFunctions& functions);

/// What a library with these devices exports: its skarma_device_plugin returns this.
template <MakeEngine make, CountDevices count, DescribeDevice describe>
const skarma_device_api* served_engines() {
  static const skarma_device_api api = device_api(
      {.create =
           [](std::int32_t device, skarma_engine** engine, skarma_message* message) {
             return create_engine(make, device, engine, message);
           },
       .count_devices = [](std::int32_t* n,
                           skarma_message* message) { return count_devices(count, n, message); },
       .describe_device =
           [](std::int32_t device, skarma_device_description* description,
              skarma_message* message) {
             return describe_device(describe, device, description, message);
           }});
  return &api;
}

}  // namespace skarma::gpu
