#include <skarma/gpu/device/device_memory.hpp>

#include <fmt/format.h>

#include <skarma/core/base/errors.hpp>

namespace skarma::gpu {

DeviceMemory::DeviceMemory(Device& device, std::size_t bytes)
    : memory_(static_cast<std::byte*>(device.allocate(bytes)), {&device}), size_(bytes) {
  if (memory_ != nullptr) return;
  throw OutOfMemory(fmt::format("The device has no {} bytes of memory left, but {}.", bytes,
                                device.free_memory()));
}

std::byte* GrowingMemory::at_least(std::size_t bytes) {
  if (memory_.size() >= bytes && memory_.data() != nullptr) return memory_.data();
  memory_ = {};  // there may be room for one of them alone
  memory_ = DeviceMemory(device_, bytes);
  return memory_.data();
}

}  // namespace skarma::gpu
