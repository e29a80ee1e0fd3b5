#include <skarma/core/engine/shared_engine.hpp>

#include <skarma/core/engine/registry.hpp>

namespace skarma {

Engine& SharedEngine::on(std::string_view device, int n_threads) {
  if (spare_ != nullptr) n_threads = 1;
  if (engine_ == nullptr || device != device_ || n_threads != n_threads_) {
    engine_.reset();  // its threads go before others come
    engine_ = make_engine(device, n_threads, spare_);
    device_ = device;
    n_threads_ = n_threads;
  }
  return *engine_;
}

}  // namespace skarma
