// The library of a device: libskarma_cuda.so, with CUDA's GPUs or, in tests of a machine without
// nvcc, with none.
#include <memory>

#include <skarma/core/engine/device_abi.h>
#include <skarma/gpu/device/cuda_device.hpp>
#include <skarma/gpu/engine/device_engine.hpp>
#include <skarma/gpu/serve_engine.hpp>

namespace {

using namespace skarma;

std::unique_ptr<Engine> make(std::int32_t device) {
  return gpu::make_device_engine(device == SKARMA_HOST_DEVICE ? gpu::make_host_device()
                                                              : gpu::make_cuda_device(device));
}

}  // namespace

extern "C" const skarma_device_api* skarma_device_plugin(std::uint32_t) {
  return gpu::served_engines<make, gpu::n_cuda_devices, gpu::describe_cuda_device>();
}
