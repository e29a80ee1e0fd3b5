// The processor as the devices that a library brings: two GPUs, and what runs their kernels here.
// Each engine that was ever made takes a byte of what is free; all are glad of as many models at
// once as SKARMA_TEST_MOST_MODELS says.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/cpu/cpu_engine.hpp>
#include <skarma/gpu/serve_engine.hpp>
#include <skarma/tests/support/forwarding_engine.hpp>

namespace {

class TestEngine final : public skarma::test::ForwardingEngine {
 public:
  TestEngine() : ForwardingEngine(skarma::make_cpu_engine()) {}

  skarma::Capabilities capabilities() const override {
    const char* const most = std::getenv("SKARMA_TEST_MOST_MODELS");
    return {.most_models = most != nullptr ? std::stoul(most) : 1};
  }
};

constexpr std::int32_t kCount = 2;
std::atomic<std::uint64_t> n_made = 0;

void check(std::int32_t device, std::int32_t first) {
  if (device >= first && device < kCount) return;
  throw skarma::DeviceError("There is no device " + std::to_string(device) + ".");
}

std::unique_ptr<skarma::Engine> make(std::int32_t device) {
  check(device, SKARMA_HOST_DEVICE);
  ++n_made;
  return std::make_unique<TestEngine>();
}

std::int32_t count() { return kCount; }

skarma::DeviceDescription describe(std::int32_t device) {
  check(device, 0);
  return {.name = "Test device " + std::to_string(device),
          .compute_capability = "9.0",
          .driver_version = "13.1",
          .runtime_version = "13.0",
          .memory_total = std::uint64_t{3} << 30,
          .memory_free = (std::uint64_t{5} << 29) - n_made,
          .n_multiprocessors = 132};
}

}  // namespace

extern "C" const skarma_device_api* skarma_device_plugin(std::uint32_t) {
  return skarma::gpu::served_engines<make, count, describe>();
}
