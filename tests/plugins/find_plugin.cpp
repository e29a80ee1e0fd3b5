// Says what becomes of the search for the library of a device, from wherever this program lies.
#include <cstdio>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/registry.hpp>

int main() {
  try {
    skarma::make_plugin_engine();
    std::puts("found");
  } catch (const skarma::DeviceError& e) {
    std::puts(e.what());
  }
}
