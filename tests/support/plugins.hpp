#pragma once

#include <cstdlib>
#include <string>

namespace skarma::test {

/// The path of one of the libraries of tests/plugins.
inline std::string plugin_path(const std::string& name) {
  return std::string(SKARMA_TEST_PLUGINS) + "/" + name + ".so";
}

/// Lets this process find one of them. It keeps the first that it opens.
inline void bring_plugin(const std::string& name) {
  setenv("SKARMA_GPU_PLUGIN", plugin_path(name).c_str(), 1);
}

}  // namespace skarma::test
