// A library that knows fewer functions than there are.
#include <cstdint>

#include <skarma/core/engine/device_abi.h>

extern "C" const skarma_device_api* skarma_device_plugin(std::uint32_t version) {
  static const skarma_device_api api = [=] {
    skarma_device_api shorter{};
    shorter.version = version;
    shorter.size = 16;
    return shorter;
  }();
  return &api;
}
