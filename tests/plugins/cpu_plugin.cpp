// The processor as a device that a library brings. Its only number is 0.
#include <string>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/cpu/cpu_engine.hpp>
#include <skarma/gpu/serve_engine.hpp>

namespace {

std::unique_ptr<skarma::Engine> make(std::int32_t device) {
  if (device != 0) throw skarma::DeviceError("There is no device " + std::to_string(device) + ".");
  return skarma::make_cpu_engine();
}

}  // namespace

extern "C" const skarma_device_api* skarma_device_plugin(std::uint32_t) {
  return skarma::gpu::served_engines<make>();
}
