#include <skarma/core/engine/registry.hpp>

#include <algorithm>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/cpu/cpu_engine.hpp>
#include <skarma/core/cpu/predict.hpp>
#include <skarma/core/engine/plugin_engine.hpp>
#include <skarma/core/engine/plugin_library.hpp>
#include <skarma/core/reference/reference_engine.hpp>

namespace skarma {

bool is_device(std::string_view name) {
  return std::ranges::find(kDevices, name) != kDevices.end();
}

std::unique_ptr<Engine> make_engine(std::string_view device, int n_threads, SpareThreads* spare) {
  if (device == "reference") return make_reference_engine();
  SKARMA_CHECK(device == "cpu");
  return make_cpu_engine(n_threads, spare);
}

std::unique_ptr<Engine> make_engine_to_predict(std::string_view device, int n_threads,
                                               std::size_t n_samples) {
  const auto useful =
      std::min(static_cast<std::size_t>(n_threads), most_predicting_threads(n_samples));
  return make_engine(device, static_cast<int>(useful));
}

std::unique_ptr<Engine> make_plugin_engine(std::int32_t device) {
  return make_plugin_engine(device_plugin(), device);
}

}  // namespace skarma
