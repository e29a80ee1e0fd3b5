#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <skarma/core/engine/engine.hpp>
#include <skarma/core/parallel/spare_threads.hpp>

namespace skarma {

/// The engine that a thread's fits and predictions share, one after another. It is made when it is
/// first asked for, and anew for another device or number of threads.
class SharedEngine {
 public:
  /// With `spare`, which must outlive this, for fits side by side: whatever number is asked for,
  /// the calling thread computes, and threads from `spare` may join it. nullptr: nobody joins.
  explicit SharedEngine(SpareThreads* spare = nullptr) : spare_(spare) {}

  SpareThreads* spare() const { return spare_; }
  /// For a device that make_engine() takes. Valid until the next call.
  Engine& on(std::string_view device, int n_threads);

 private:
  SpareThreads* spare_;
  std::string device_;
  int n_threads_ = 0;
  std::unique_ptr<Engine> engine_;
};

}  // namespace skarma
