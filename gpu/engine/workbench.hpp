#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <skarma/gpu/device/device_memory.hpp>
#include <skarma/gpu/engine/image.hpp>

namespace skarma::gpu {

/// Memory of a device that each call uses anew, and the way to its kernels.
class Workbench {
 public:
  explicit Workbench(Device& device)
      : device_(device), images_(device), others_(device), rooms_(device) {}

  Device& device() const { return device_; }
  /// Gives an image its memory; it is overwritten by the next one.
  void place(Image& image) { image.lies_at(images_.at_least(image.size())); }
  /// The same beside an image that is still in use.
  void place_beside(Image& image) { image.lies_at(others_.at_least(image.size())); }
  /// Memory for blocks that have none of their own.
  std::byte* room(std::size_t bytes) { return rooms_.at_least(bytes); }
  template <class Task>
  void launch(const Image& image, Place<Task> tasks, std::size_t shared_bytes) const {
    if (tasks.n == 0) return;
    device_.launch(TaskList<Task>{image.address(tasks), tasks.n, shared_bytes});
  }

 private:
  Device& device_;
  GrowingMemory images_;
  GrowingMemory others_;
  GrowingMemory rooms_;
};

}  // namespace skarma::gpu
