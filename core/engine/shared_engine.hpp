#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <skarma/core/engine/engine.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/core/parallel/spare_threads.hpp>

namespace skarma {

/// What makes engines: make_engine, or in its place what a test says.
using MakeEngine = std::function<std::unique_ptr<Engine>(std::string_view device, int n_threads,
                                                         SpareThreads* spare)>;

/// The engines that a thread's fits and predictions share, one for each device. One is made when it
/// is first asked for, and that of 'cpu' anew for another number of threads.
class SharedEngine {
 public:
  /// With `spare`, which must outlive this, for fits side by side: whatever number is asked for,
  /// the calling thread computes, and threads from `spare` may join it. nullptr: nobody joins.
  explicit SharedEngine(SpareThreads* spare = nullptr, MakeEngine make = make_engine)
      : spare_(spare), make_(std::move(make)) {}

  SpareThreads* spare() const { return spare_; }
  /// For a device that make_engine() takes. Valid until the next call with this device.
  Engine& on(std::string_view device, int n_threads);

 private:
  struct Made {
    int n_threads = 0;
    std::unique_ptr<Engine> engine{};
  };

  SpareThreads* spare_;
  MakeEngine make_;
  std::map<std::string, Made, std::less<>> engines_;  // by device
};

}  // namespace skarma
