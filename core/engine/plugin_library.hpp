#pragma once

#include <filesystem>
#include <string_view>

#include <skarma/core/engine/device_abi.h>

namespace skarma {

/// What the library is called that lies beside us.
inline constexpr std::string_view kPluginName = "libskarma_cuda.so";
/// Names a library that is taken where there is none beside us.
inline constexpr const char* kPluginVariable = "SKARMA_GPU_PLUGIN";

/// The library of a device, which lies beside the program or library that this code is part of, or
/// where SKARMA_GPU_PLUGIN says. It is opened by the first call that succeeds, and never closed.
/// Throws DeviceError: where it was looked for, or why it cannot be used.
const skarma_device_api& device_plugin();

/// Opens the library of this path. Throws DeviceError.
const skarma_device_api& open_plugin(const std::filesystem::path& library);

}  // namespace skarma
