// Says what becomes of the search for the library of a device, from wherever this program lies:
// find_plugin [DEVICE].
#include <cstdio>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/registry.hpp>

int main(int n_arguments, char** arguments) {
  try {
    if (n_arguments > 1) {
      skarma::require_device(arguments[1]);
    } else {
      skarma::make_plugin_engine();
    }
    std::puts("found");
  } catch (const skarma::DeviceError& e) {
    std::puts(e.what());
  }
}
