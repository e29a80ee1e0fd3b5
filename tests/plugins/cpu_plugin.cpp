// The processor as a device that a library brings. Its only number is 0. It is glad of as many
// models at once as SKARMA_TEST_MOST_MODELS says.
#include <cstdlib>
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

std::unique_ptr<skarma::Engine> make(std::int32_t device) {
  if (device != 0) throw skarma::DeviceError("There is no device " + std::to_string(device) + ".");
  return std::make_unique<TestEngine>();
}

}  // namespace

extern "C" const skarma_device_api* skarma_device_plugin(std::uint32_t) {
  return skarma::gpu::served_engines<make>();
}
