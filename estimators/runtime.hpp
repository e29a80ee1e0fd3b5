#pragma once

#include <string>
#include <utility>
#include <vector>

#include <skarma/core/base/device_description.hpp>

namespace skarma {

/// What computes on this machine.
struct RuntimeInfo {
  std::string blas;      // "OpenBLAS 0.3.21 (SkylakeX)": version and the kernel that it chose
  std::string simd;      // "baseline", "avx2" or "avx512"; SKARMA_ISA forces one
  std::string compiler;  // "GCC 12.2.0", "GCC 12.2.0, with assertions"
  int n_cores;           // the cores that this process may use
  std::vector<DeviceDescription> gpus;  // number i is the device "cuda:i"
  std::string no_gpu;                   // why there are none; "" where there are some
};

/// Throws std::invalid_argument if SKARMA_ISA names what the processor does not have.
RuntimeInfo runtime_info();

/// "NVIDIA H200, compute capability 9.0, 132 multiprocessors, 139.8 GiB of memory (139.2 free),
/// driver 13.0, CUDA 13.0"
std::string to_text(const DeviceDescription& gpu);

/// The GPUs, a name and a text each, or a line "GPU" that says why there are none.
std::vector<std::pair<std::string, std::string>> gpu_lines(const RuntimeInfo& info);

}  // namespace skarma
