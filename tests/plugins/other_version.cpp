// A library of a later skarma, of whose interface only the version is known here.
#include <cstdint>

#include <skarma/core/engine/device_abi.h>

extern "C" const skarma_device_api* skarma_device_plugin(std::uint32_t version) {
  static const skarma_device_api api = [=] {
    skarma_device_api later{};
    later.version = version + 41;
    later.size = sizeof(later);
    return later;
  }();
  return &api;
}
