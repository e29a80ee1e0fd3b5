#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <skarma/core/engine/registry.hpp>
#include <skarma/gpu/engine/device_engine.hpp>
#include <skarma/tests/support/gpu.hpp>
#include <skarma/tests/support/plugins.hpp>

namespace skarma::test {

/// The processor once more, behind the interface to libraries of devices.
inline constexpr std::string_view kPlugin = "plugin";

/// The CUDA engine on this processor: as it is, and with so little shared memory that no network
/// is small.
inline constexpr std::string_view kCudaHost = "cuda-host";
inline constexpr std::string_view kCudaHostWide = "cuda-host-wide";

/// So that convolutions go through tiles of some places, and gradients through parts of some.
inline constexpr std::size_t kFewColumns = 4000;

/// The same with blocks of eight threads, which takes long.
inline constexpr std::string_view kCudaHostThreads = "cuda-host-threads";

/// The first GPU.
inline constexpr std::string_view kCuda = "cuda";

/// All devices that there are here, but for that with the threads.
inline std::vector<std::string_view> devices() {
  std::vector<std::string_view> all(kDevices.begin(), kDevices.end());
  all.push_back(kPlugin);
  all.push_back(kCudaHost);
  all.push_back(kCudaHostWide);
  if (has_gpu()) all.push_back(kCuda);
  return all;
}

inline std::unique_ptr<Engine> engine_of(std::string_view device) {
  if (device == kCudaHost) return gpu::make_device_engine(gpu::make_host_device());
  if (device == kCudaHostThreads) {
    return gpu::make_device_engine(gpu::make_host_device({.threads_a_block = 8}));
  }
  if (device == kCudaHostWide) {
    return gpu::make_device_engine(
        gpu::make_host_device({.shared_memory = 16, .columns_memory = kFewColumns}));
  }
  if (device == kCuda) return make_gpu_engine();
  if (device != kPlugin) return make_engine(device);
  bring_plugin("skarma_cpu_plugin");
  return make_plugin_engine();
}

}  // namespace skarma::test
