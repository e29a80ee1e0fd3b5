#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/tests/support/forwarding_engine.hpp>

namespace skarma::test {

/// What a device that trains groups says of itself, and what it was asked for.
struct GroupDevice {
  std::size_t most_models = 7;
  std::size_t memory = std::numeric_limits<std::size_t>::max();  // in models that are open
  std::uint64_t free_memory = 0;                                 // that it says it has, in bytes
  std::function<void()> on_train = [] {}, on_score = [] {};

  std::vector<std::size_t> opened{};  // models of each call, also where there was no memory
  std::atomic<int> n_made{0}, n_held{0}, n_predicted{0};
  std::vector<std::size_t> scored{};  // jobs of each call
};

/// The processor as such a device.
class GroupEngine final : public ForwardingEngine {
 public:
  explicit GroupEngine(GroupDevice& device) : ForwardingEngine(make_engine("cpu")), at_(device) {
    ++at_.n_made;
  }

  Capabilities capabilities() const override {
    return {.most_models = at_.most_models, .free_memory = at_.free_memory};
  }
  DataId hold(const SampleView& samples) override {
    ++at_.n_held;
    return ForwardingEngine::hold(samples);
  }
  std::vector<ModelId> open(std::vector<OpenModel> models) override {
    at_.opened.push_back(models.size());
    if (models.size() > at_.memory) throw OutOfMemory("The device has no memory for so many.");
    return ForwardingEngine::open(std::move(models));
  }
  void train(std::span<const EpochRange> group, std::span<EpochLoss> losses) override {
    at_.on_train();
    ForwardingEngine::train(group, losses);
  }
  void score(std::span<const ScoreJob> jobs,
             std::span<std::optional<std::vector<double>>> sums) override {
    at_.scored.push_back(jobs.size());
    at_.on_score();
    ForwardingEngine::score(jobs, sums);
  }
  Matrix<double> predict(const PredictionJob& job) override {
    ++at_.n_predicted;
    return ForwardingEngine::predict(job);
  }

 private:
  GroupDevice& at_;
};

/// Makes engines as always, and this device where 'reference' is asked for.
inline MakeEngine in_place_of_reference(GroupDevice& device) {
  return [&device](std::string_view name, int n_threads,
                   SpareThreads* spare) -> std::unique_ptr<Engine> {
    if (name == "reference") return std::make_unique<GroupEngine>(device);
    return make_engine(name, n_threads, spare);
  };
}

}  // namespace skarma::test
