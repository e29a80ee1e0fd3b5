#pragma once

#include <cstdint>
#include <string>

namespace skarma {

/// What a GPU is.
struct DeviceDescription {
  std::string name;                // "NVIDIA H200"
  std::string compute_capability;  // "9.0"
  std::string driver_version;      // the CUDA version that the driver speaks: "13.0"
  std::string runtime_version;     // of CUDA's libraries: "13.0"
  std::uint64_t memory_total = 0;  // bytes
  std::uint64_t memory_free = 0;
  std::int32_t n_multiprocessors = 0;
};

}  // namespace skarma
