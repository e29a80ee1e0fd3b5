#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include <skarma/gpu/device/device.hpp>

namespace skarma::test {

/// Hands everything on to another device.
class ForwardingDevice : public gpu::Device {
 public:
  explicit ForwardingDevice(std::unique_ptr<gpu::Device> device) : device_(std::move(device)) {}

  std::size_t shared_memory() const override { return device_->shared_memory(); }
  std::size_t blocks_at_once() const override { return device_->blocks_at_once(); }
  std::size_t columns_memory() const override { return device_->columns_memory(); }
  std::size_t free_memory() const override { return device_->free_memory(); }
  void* allocate(std::size_t bytes) override { return device_->allocate(bytes); }
  void release(void* memory) noexcept override { device_->release(memory); }
  void upload(void* to, const void* from, std::size_t bytes) override {
    device_->upload(to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    device_->download(to, from, bytes);
  }
  void launch(const gpu::Tasks& tasks) override { device_->launch(tasks); }
  void run(const gpu::WidePhase& phase) override { device_->run(phase); }
  void multiply(const gpu::AnyProducts& products) override { device_->multiply(products); }
  bool can_multiply(const gpu::AnyProducts& products) override {
    return device_->can_multiply(products);
  }
  std::unique_ptr<gpu::Recording> record(const std::function<void()>& work) override {
    return device_->record(work);
  }

 private:
  std::unique_ptr<gpu::Device> device_;
};

}  // namespace skarma::test
