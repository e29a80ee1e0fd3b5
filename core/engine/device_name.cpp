#include <skarma/core/engine/device_name.hpp>

#include <skarma/core/engine/device_abi.h>
#include <skarma/core/base/numbered_name.hpp>

namespace skarma {

std::optional<std::int32_t> plugin_device(std::string_view device) {
  if (device == "cuda") return 0;
  if (device == "cuda-host") return SKARMA_HOST_DEVICE;
  return number_in(device, "cuda:N");
}

std::string full_device_name(std::string_view device) {
  return std::string(device == "cuda" ? "cuda:0" : device);
}

}  // namespace skarma
