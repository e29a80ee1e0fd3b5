#pragma once

#include <string>

namespace skarma {

/// What computes on this machine.
struct RuntimeInfo {
  std::string blas;      // "OpenBLAS 0.3.21 (SkylakeX)": version and the kernel that it chose
  std::string simd;      // "baseline", "avx2" or "avx512"; SKARMA_ISA forces one
  std::string compiler;  // "GCC 12.2.0", "GCC 12.2.0, with assertions"
  int n_cores;           // the cores that this process may use
  bool cuda;             // whether a CUDA device is in use
};

/// Throws std::invalid_argument if SKARMA_ISA names what the processor does not have.
RuntimeInfo runtime_info();

}  // namespace skarma
