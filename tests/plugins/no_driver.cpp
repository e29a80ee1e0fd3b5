// A library that finds no driver.
#include <cstdint>
#include <cstring>

#include <skarma/core/engine/device_abi.h>

namespace {

std::int32_t fail(skarma_message* message) {
  std::strncpy(message->text, "There is no driver.", message->capacity);
  return SKARMA_DEVICE_ERROR;
}

}  // namespace

extern "C" const skarma_device_api* skarma_device_plugin(std::uint32_t version) {
  static const skarma_device_api api = [=] {
    skarma_device_api without{};
    without.version = version;
    without.size = sizeof(without);
    without.create = [](std::int32_t, skarma_engine**, skarma_message* message) {
      return fail(message);
    };
    without.count_devices = [](std::int32_t*, skarma_message* message) { return fail(message); };
    return without;
  }();
  return &api;
}
