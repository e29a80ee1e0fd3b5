// In the place of cuda_device.cu, where there is no nvcc.
#include <skarma/core/base/errors.hpp>
#include <skarma/gpu/device/cuda_device.hpp>

namespace skarma::gpu {
namespace {

[[noreturn]] void decline() {
  throw DeviceError("This library of devices was built without CUDA: it knows no GPU.");
}

}  // namespace

std::int32_t n_cuda_devices() { decline(); }
DeviceDescription describe_cuda_device(std::int32_t) { decline(); }
std::unique_ptr<Device> make_cuda_device(std::int32_t) { decline(); }

}  // namespace skarma::gpu
