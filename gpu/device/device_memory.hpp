#pragma once

#include <cstddef>
#include <memory>

#include <skarma/gpu/device/device.hpp>

namespace skarma::gpu {

/// Some of a device's memory, which it must outlive.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  /// Throws OutOfMemory.
  DeviceMemory(Device& device, std::size_t bytes);

  std::byte* data() const { return memory_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Release {
    Device* device;
    void operator()(std::byte* memory) const noexcept { device->release(memory); }
  };

  std::unique_ptr<std::byte, Release> memory_{nullptr, {nullptr}};
  std::size_t size_ = 0;
};

/// Memory that serves one purpose again and again, and grows with it.
class GrowingMemory {
 public:
  explicit GrowingMemory(Device& device) : device_(device) {}
  /// What was there before is lost. Throws OutOfMemory.
  std::byte* at_least(std::size_t bytes);

 private:
  Device& device_;
  DeviceMemory memory_;
};

}  // namespace skarma::gpu
