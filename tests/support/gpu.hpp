#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/plugin_devices.hpp>
#include <skarma/core/engine/plugin_engine.hpp>
#include <skarma/core/engine/plugin_library.hpp>

namespace skarma::test {

inline std::string environment(const char* variable) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

/// The library of GPUs that the program was started with. Tests bring others later on.
inline const std::string kGpuLibrary = environment(kPluginVariable);

/// Why no test can run on a GPU; empty where one can.
inline std::string why_no_gpu() {
  if (kGpuLibrary.empty()) return std::string(kPluginVariable) + " is not set.";
  try {
    return count_devices(open_plugin(kGpuLibrary)) > 0 ? "" : "There is no GPU.";
  } catch (const DeviceError& error) {
    return error.what();
  }
}

inline bool has_gpu() {
  static const bool found = why_no_gpu().empty();
  return found;
}

inline std::unique_ptr<Engine> make_gpu_engine() {
  return make_plugin_engine(open_plugin(kGpuLibrary), 0);
}

/// Tests that need a GPU. Where there is none they are skipped; where SKARMA_REQUIRE_GPU=1 wants
/// none left out, they fail.
class OnGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string why = why_no_gpu();
    if (why.empty()) return;
    const std::string told = "device='cuda' is NOT tested: " + why;
    if (environment("SKARMA_REQUIRE_GPU") == "1") FAIL() << told;
    GTEST_SKIP() << told;
  }
};

}  // namespace skarma::test
