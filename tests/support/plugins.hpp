#pragma once

#include <cstdlib>
#include <string>

namespace skarma::test {

/// The path of one of the libraries of tests/plugins: where they were built, or where the variable
/// SKARMA_TEST_PLUGINS says, for programs that run on another machine.
inline std::string plugin_path(const std::string& name) {
  const char* const elsewhere = std::getenv("SKARMA_TEST_PLUGINS");
  return std::string(elsewhere == nullptr ? SKARMA_TEST_PLUGINS : elsewhere) + "/" + name + ".so";
}

/// Lets this process find one of them. It keeps the first that it opens.
inline void bring_plugin(const std::string& name) {
  setenv("SKARMA_GPU_PLUGIN", plugin_path(name).c_str(), 1);
}

}  // namespace skarma::test
