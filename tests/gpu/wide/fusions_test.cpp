#include <skarma/gpu/wide/fusions.hpp>

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/gpu/engine/device_engine.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/forwarding_device.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/one_model.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma::gpu {
namespace {

/// What one step asked for.
struct Asked {
  std::size_t n_launches = 0;  // of anything
  std::map<EpilogueKind, std::size_t> epilogues{};
  bool operator==(const Asked&) const = default;
};

/// Counts what is recorded, and has the epilogues that a test says.
class CountingDevice final : public test::ForwardingDevice {
 public:
  using Has = std::function<bool(EpilogueKind)>;

  CountingDevice(Has has, Asked& asked)
      : ForwardingDevice(make_host_device({.shared_memory = 16})),
        has_(std::move(has)),
        asked_(asked) {}

  void launch(const Tasks& tasks) override {
    ++asked_.n_launches;
    ForwardingDevice::launch(tasks);
  }
  void run(const WidePhase& phase) override {
    ++asked_.n_launches;
    ForwardingDevice::run(phase);
  }
  void multiply(const AnyProducts& products) override {
    ++asked_.n_launches;
    ++asked_.epilogues[kind_of(products)];
    ForwardingDevice::multiply(products);
  }
  bool can_multiply(const AnyProducts& products) override { return has_(kind_of(products)); }
  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    asked_ = {};
    auto recording = ForwardingDevice::record(work);
    recorded_ = asked_;
    return recording;
  }
  ~CountingDevice() override { asked_ = recorded_; }

 private:
  static EpilogueKind kind_of(const AnyProducts& products) {
    return std::visit([](const auto& p) { return p.epilogue.kind; }, products);
  }

  Has has_;
  Asked& asked_;
  Asked recorded_{};
};

struct Trained {
  Asked asked;
  std::vector<double> parameters;
  double loss_sum = 0.0;
};

/// Two epochs of minibatches of which the last is short.
Trained trained(const NetworkSpec& spec, const CountingDevice::Has& has) {
  Trained result;
  {
    const auto engine = make_device_engine(std::make_unique<CountingDevice>(has, result.asked));
    const Matrix<double> x = test::random_matrix<double>(13, spec.n_inputs(), 1);
    UpdateRule rule;
    rule.name = "adam";
    const ModelId model = test::open_one(
        *engine, {spec, 0.3, 5, engine->hold(x), test::random_targets(spec, 13, 2, true),
                  ModelState<double>{test::initial_parameters<double>(spec, 3),
                                     start_optimiser<double>(rule, spec.n_trained())},
                  7});
    EpochLoss losses;
    const auto order = RandomState(0).permutation(13);
    for (int epoch = 0; epoch < 2; ++epoch) {
      test::train_one(*engine, {model, order, 5, 0, 3, 1e-2}, losses);
    }
    result.loss_sum = losses.loss_sum;
    result.parameters = test::close_one<double>(*engine, model).parameters;
  }
  return result;
}

NetworkSpec network(std::string_view activation, const HiddenLayerOptions& options = {}) {
  return {{4, 6, 7, 3}, *find_activation(activation), *find_loss("log_loss"), options};
}

bool all(EpilogueKind) { return true; }
bool none(EpilogueKind) { return false; }

/// Next batch, gather, outputs, squares, update; three products forward, three of gradients, two
/// of derivatives by what is read; and a phase for each activation and its slope.
TEST(Fusions, TakeThePlaceOfPhases) {
  const Trained plain = trained(network("relu"), none);
  EXPECT_EQ(plain.asked.n_launches, 5u + 8u + 4u);
  EXPECT_EQ(plain.asked.epilogues, (std::map<EpilogueKind, std::size_t>{{EpilogueKind::none, 8}}));
  const Trained fused = trained(network("relu"), all);
  EXPECT_EQ(fused.asked.n_launches, 5u + 8u);
  const std::map<EpilogueKind, std::size_t> epilogues{{EpilogueKind::none, 1},
                                                      {EpilogueKind::relu, 2},
                                                      {EpilogueKind::relu_slope, 2},
                                                      {EpilogueKind::column_sums, 3}};
  EXPECT_EQ(fused.asked.epilogues, epilogues);
}

/// Whatever a device has, it computes the same, but for the order of a sum.
TEST(Fusions, ChangeNoNumber) {
  const std::vector<HiddenLayerOptions> options{
      {},
      {.dropout = 0.3},
      {.batch_norm = true},
      {.residual = true},
      {.dropout = 0.3, .residual = true},
      {.dropout = std::vector{0.2, 0.0, 0.0}, .layer_norm = true, .noise = 0.1}};
  for (const Activation& activation : kActivations) {
    if (activation.name == "exp") continue;
    for (std::size_t i = 0; i < options.size(); ++i) {
      SCOPED_TRACE(testing::Message() << activation.name << ", options " << i);
      const NetworkSpec spec({4, 6, 6, 3}, activation, *find_loss("log_loss"), options[i]);
      const Trained plain = trained(spec, none), fused = trained(spec, all);
      EXPECT_NEAR(fused.loss_sum, plain.loss_sum, 1e-12 * plain.loss_sum);
      EXPECT_TRUE(test::close(fused.parameters, plain.parameters, 1e-10));
    }
  }
}

TEST(Fusions, OfGeluTakeBothWays) {
  const Trained fused = trained(network("gelu_tanh"), all);
  EXPECT_EQ(fused.asked.n_launches, 5u + 8u);
  EXPECT_EQ(fused.asked.epilogues.at(EpilogueKind::gelu_tanh_slope), 2u);
  const Trained plain = trained(network("gelu_tanh"), [](EpilogueKind kind) {
    return kind != EpilogueKind::gelu_tanh_slope;
  });
  EXPECT_FALSE(plain.asked.epilogues.contains(EpilogueKind::gelu_tanh));
  EXPECT_TRUE(test::close(fused.parameters, plain.parameters, 1e-10));
}

/// Dropout comes between, so that the slope is a phase's; the ReLU is still fused, and keeps
/// nothing.
TEST(Fusions, OfAReluGoWithoutItsSlope) {
  const Trained fused = trained(network("relu", {.dropout = 0.5}), all);
  EXPECT_EQ(fused.asked.epilogues.at(EpilogueKind::relu), 2u);
  EXPECT_FALSE(fused.asked.epilogues.contains(EpilogueKind::relu_slope));
}

/// A device that lacks one sum of columns takes none.
TEST(Fusions, OfBiasesAreAllOrNone) {
  std::size_t n_asked = 0;
  const Trained some = trained(network("tanh"), [&](EpilogueKind kind) {
    return kind == EpilogueKind::column_sums && ++n_asked < 3;
  });
  EXPECT_EQ(n_asked, 3u);
  EXPECT_FALSE(some.asked.epilogues.contains(EpilogueKind::column_sums));
  EXPECT_TRUE(test::close(some.parameters, trained(network("tanh"), none).parameters, 1e-12));
}

}  // namespace
}  // namespace skarma::gpu
