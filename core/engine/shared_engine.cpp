#include <skarma/core/engine/shared_engine.hpp>

namespace skarma {

Engine& SharedEngine::on(std::string_view device, int n_threads) {
  if (spare_ != nullptr || device != "cpu") n_threads = 1;
  auto made = engines_.find(device);
  if (made == engines_.end()) made = engines_.try_emplace(std::string(device)).first;
  auto& [of_threads, engine] = made->second;
  if (engine == nullptr || of_threads != n_threads) {
    engine.reset();  // its threads go before others come
    engine = make_(device, n_threads, spare_);
    of_threads = n_threads;
  }
  return *engine;
}

}  // namespace skarma
