#include <skarma/core/engine/registry.hpp>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/cpu/cpu_engine.hpp>
#include <skarma/core/reference/reference_engine.hpp>

namespace skarma {

std::unique_ptr<Engine> make_engine(std::string_view device, int n_threads, SpareThreads* spare) {
  if (device == "reference") return make_reference_engine();
  SKARMA_CHECK(device == "cpu");
  return make_cpu_engine(n_threads, spare);
}

}  // namespace skarma
