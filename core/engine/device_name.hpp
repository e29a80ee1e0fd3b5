#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skarma {

/// What the parameter `device` may be; "cuda:N" stands for "cuda:0", "cuda:1" ...
inline constexpr std::array<std::string_view, 6> kDeviceNames = {"cpu",       "cuda", "cuda:N",
                                                                 "cuda-host", "auto", "reference"};

/// The number that a library (device_abi.h) knows a device by: 0 of "cuda", 3 of "cuda:3", -1 of
/// "cuda-host". nullopt for a device that no library brings.
std::optional<std::int32_t> plugin_device(std::string_view device);

/// The one name of a device that has several: "cuda:0" for "cuda".
std::string full_device_name(std::string_view device);

}  // namespace skarma
