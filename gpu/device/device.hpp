#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <variant>

#include <skarma/gpu/block/tasks.hpp>
#include <skarma/gpu/device/products.hpp>
#include <skarma/gpu/wide/phases.hpp>
#include <skarma/gpu/wide/wide_tasks.hpp>

namespace skarma::gpu {

/// Tasks of one kind that lie in the device's memory, and the shared memory that each needs.
template <class Task>
struct TaskList {
  const Task* tasks;
  std::size_t n;
  std::size_t shared_bytes;
};

/// One kernel for each.
using Tasks = std::variant<
    TaskList<TrainTask<float>>, TaskList<TrainTask<double>>, TaskList<GradientTask<float>>,
    TaskList<GradientTask<double>>, TaskList<OutputTask<float>>, TaskList<OutputTask<double>>,
    TaskList<ScoreTask<float>>, TaskList<ScoreTask<double>>, TaskList<CopyTask<float>>,
    TaskList<CopyTask<double>>, TaskList<NextBatch<float>>, TaskList<NextBatch<double>>>;

/// A phase of a step for wide models, which lie side by side, with about so many elements each.
template <class T>
struct PhaseOf {
  const WideModel<T>* models;
  Count n_models;
  Phase phase;
  Count step;
  Count elements;
  Count first_place = 0;  // of a tile
};
using WidePhase = std::variant<PhaseOf<float>, PhaseOf<double>>;

/// What was asked of a device once, to be asked again: with the same addresses.
class Recording {
 public:
  virtual ~Recording() = default;
  virtual void replay() = 0;
};

/// Memory and threads of a device. Calls are carried out in their order; all but download() may
/// return before they are. Functions throw DeviceError; for one caller at a time.
class Device {
 public:
  virtual ~Device() = default;

  /// Bytes of memory that the threads of a block can share.
  virtual std::size_t shared_memory() const = 0;
  /// How many blocks run at the same time.
  virtual std::size_t blocks_at_once() const = 0;
  /// Bytes for what a convolution of a wide model copies together at once.
  virtual std::size_t columns_memory() const = 0;
  /// Bytes that nobody has taken, at most.
  virtual std::size_t free_memory() const = 0;

  /// Memory for any type; nullptr where there is not so much.
  virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* memory) noexcept = 0;
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
  virtual void download(void* to, const void* from, std::size_t bytes) = 0;
  /// Runs each task on a block of its own.
  virtual void launch(const Tasks& tasks) = 0;
  /// Runs a phase on all threads.
  virtual void run(const WidePhase& phase) = 0;
  virtual void multiply(const AnyProducts& products) = 0;
  /// Whether it can multiply with such an epilogue, by type, shape and alignment alone.
  virtual bool can_multiply(const AnyProducts& products) = 0;
  /// Remembers the launches, phases and products that work() asks for, and does not carry them out.
  virtual std::unique_ptr<Recording> record(const std::function<void()>& work) = 0;
};

/// The processor, which has `memory` bytes in which only blocks of `threads_a_block` threads may
/// look, and `shared_memory` for each of them.
struct HostDeviceLimits {
  Count threads_a_block = 1;
  std::size_t memory = std::size_t{1} << 40;
  std::size_t shared_memory = 48 * 1024;
  std::size_t columns_memory = 1024 * 1024;
};
std::unique_ptr<Device> make_host_device(const HostDeviceLimits& limits = {});

}  // namespace skarma::gpu
