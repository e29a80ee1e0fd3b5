#include <skarma/core/engine/registry.hpp>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/engine/cpu_engine.hpp>
#include <skarma/core/reference/reference_engine.hpp>

namespace skarma {

template <class T>
std::unique_ptr<Engine<T>> make_engine(std::string_view device, int n_threads,
                                       SpareThreads* spare) {
  if (device == "reference") return make_reference_engine<T>();
  SKARMA_CHECK(device == "cpu");
  return make_cpu_engine<T>(n_threads, spare);
}

template std::unique_ptr<Engine<float>> make_engine<float>(std::string_view, int, SpareThreads*);
template std::unique_ptr<Engine<double>> make_engine<double>(std::string_view, int, SpareThreads*);

}  // namespace skarma
