#pragma once

#include <cstddef>
#include <memory>
#include <variant>

#include <skarma/gpu/block/tasks.hpp>

namespace skarma::gpu {

/// Tasks of one kind that lie in the device's memory, and the shared memory that each needs.
template <class Task>
struct TaskList {
  const Task* tasks;
  std::size_t n;
  std::size_t shared_bytes;
};

/// One kernel for each.
using Tasks = std::variant<TaskList<TrainTask<float>>, TaskList<TrainTask<double>>,
                           TaskList<GradientTask<float>>, TaskList<GradientTask<double>>,
                           TaskList<OutputTask<float>>, TaskList<OutputTask<double>>,
                           TaskList<CopyTask<float>>, TaskList<CopyTask<double>>>;

/// Memory and threads of a device. Calls are carried out in their order; all but download() may
/// return before they are. Functions throw DeviceError; for one caller at a time.
class Device {
 public:
  virtual ~Device() = default;

  /// Bytes of memory that the threads of a block can share.
  virtual std::size_t shared_memory() const = 0;
  /// How many blocks run at the same time.
  virtual std::size_t blocks_at_once() const = 0;
  /// Bytes that nobody has taken, at most.
  virtual std::size_t free_memory() const = 0;

  /// Memory for any type; nullptr where there is not so much.
  virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* memory) noexcept = 0;
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
  virtual void download(void* to, const void* from, std::size_t bytes) = 0;
  /// Runs each task on a block of its own.
  virtual void launch(const Tasks& tasks) = 0;
};

/// The processor, which has `memory` bytes in which only blocks of `threads_a_block` threads may
/// look, and `shared_memory` for each of them.
struct HostDeviceLimits {
  Count threads_a_block = 1;
  std::size_t memory = std::size_t{1} << 40;
  std::size_t shared_memory = 48 * 1024;
};
std::unique_ptr<Device> make_host_device(const HostDeviceLimits& limits = {});

}  // namespace skarma::gpu
