// Lists of layers with images on the engine of a device. tests/conformance/chains_test.cpp has
// their figures.
#include <cmath>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/gpu/block/layout.hpp>
#include <skarma/gpu/engine/device_engine.hpp>
#include <skarma/gpu/wide/unfolding.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/devices.hpp>
#include <skarma/tests/support/forwarding_device.hpp>
#include <skarma/tests/support/problem.hpp>

namespace skarma {
namespace {

using gpu::HostDeviceLimits;

Layer act(std::string_view name) {
  return {.operation = Operation::activation, .activation = parse_activation(name)};
}
Layer conv(std::size_t filters, const WindowSize& window) {
  return {.operation = Operation::conv2d, .units = filters, .window = window};
}

/// All that sees windows, two residual blocks of which one ends the other, and what draws.
NetworkSpec everything(bool with_batch_norm) {
  std::vector<Layer> layers{{.operation = Operation::rescale, .rate = 0.5, .shift = -0.25},
                            conv(5, {3, 2, 1, 1, true}),
                            act("relu"),
                            {.operation = Operation::max_pool, .window = {3, 2, 2, 1, true}},
                            {.operation = Operation::add,
                             .inner = {conv(5, {3, 3, 1, 1, true}),
                                       act("gelu"),
                                       {.operation = Operation::add, .inner = {conv(5, {1, 1})}}}},
                            {Operation::layer_norm},
                            act("tanh"),
                            {.operation = Operation::dropout, .rate = 0.3},
                            {.operation = Operation::average_pool, .window = {2, 2, 1, 2, true}},
                            conv(3, {2, 2, 2, 1}),
                            {Operation::flatten},
                            {Operation::dense, 3}};
  if (with_batch_norm) layers.insert(layers.begin() + 2, {Operation::batch_norm});
  return {ImageShape{7, 6, 2}, layers, *find_loss("log_loss")};
}

struct TrainedImages {
  double loss_sum = 0.0;
  std::vector<double> parameters, outputs;
};

/// Of two epochs, on a device. The last minibatch is short.
template <class T>
TrainedImages images_on(std::unique_ptr<gpu::Device> device, const NetworkSpec& spec,
                        std::size_t n_rows = 21) {
  const auto engine = gpu::make_device_engine(std::move(device));
  const test::Problem<T> problem(spec, n_rows, true);
  const ModelId model = problem.open(*engine, "adam", 8);
  EpochLoss losses;
  for (const std::uint32_t epoch : {0u, 1u}) {
    const auto order = RandomState(epoch).permutation(n_rows);
    test::train_one(*engine, {model, order, 8, 0, (n_rows + 7) / 8, 1e-3}, losses);
  }
  TrainedImages trained{losses.loss_sum, {}, test::outputs_of(*engine, model, problem.x).values()};
  trained.parameters = test::in_double(test::close_one<T>(*engine, model).parameters);
  return trained;
}

template <class T>
TrainedImages images_by(const HostDeviceLimits& limits, const NetworkSpec& spec) {
  return images_on<T>(gpu::make_host_device(limits), spec);
}

void expect_same_bits(const TrainedImages& a, const TrainedImages& b) {
  EXPECT_EQ(test::bits(a.loss_sum), test::bits(b.loss_sum));
  EXPECT_TRUE(test::same_bits(a.parameters, b.parameters));
  EXPECT_TRUE(test::same_bits(a.outputs, b.outputs));
}

/// No network fits in so little shared memory: all are wide.
constexpr std::size_t kNoRoom = 16;
constexpr std::size_t kEnough = std::size_t{1} << 20;

TEST(ImageThreads, GiveTheBitsOfOne) {
  for (const bool with_batch_norm : {false, true}) {
    const NetworkSpec spec = everything(with_batch_norm);
    for (const std::size_t shared : {kEnough, kNoRoom}) {
      HostDeviceLimits limits{.shared_memory = shared, .columns_memory = test::kFewColumns};
      const TrainedImages alone = images_by<double>(limits, spec);
      limits.threads_a_block = 8;
      expect_same_bits(images_by<double>(limits, spec), alone);
    }
  }
}

/// A block with memory for a part of a minibatch takes one part after another.
TEST(ImagesOnADevice, HaveTheSameBitsInLittleMemory) {
  const NetworkSpec spec = everything(false);
  const gpu::BlockProgram program(spec);
  const gpu::BlockExtras all{true, true, static_cast<gpu::Count>(2 * spec.n_trained())};
  const auto trained = [&](std::size_t shared_memory) {
    const auto engine =
        gpu::make_device_engine(gpu::make_host_device({.shared_memory = shared_memory}));
    const test::Problem<double> problem(spec, 150, true);
    const ModelId model = problem.open(*engine, "adam", 70);
    EpochLoss losses;
    const auto order = RandomState(0).permutation(150);
    test::train_one(*engine, {model, order, 70, 0, 3, 1e-3}, losses);
    return test::close_one<double>(*engine, model).parameters;
  };
  const std::size_t part = gpu::layout_for<double>(program.net(), 40, all).bytes;
  const std::size_t whole = gpu::layout_for<double>(program.net(), 70, all).bytes;
  EXPECT_TRUE(test::same_bits(trained(part), trained(whole)));
}

/// Models of a group have the bits that they have alone, also where gradients have several parts.
TEST(ImagesOnADevice, HaveTheSameBitsInAGroup) {
  const NetworkSpec spec = everything(true);
  const test::Problem<float> problem(spec, 21, false);
  for (const std::size_t shared : {kEnough, kNoRoom}) {
    const auto trained = [&](std::size_t first, std::size_t n) {
      const auto engine = gpu::make_device_engine(
          gpu::make_host_device({.shared_memory = shared, .columns_memory = test::kFewColumns}));
      const DataId data = engine->hold(problem.x);
      const auto order = RandomState(0).permutation(21);
      std::vector<OpenModel> models;
      for (std::size_t i = first; i < first + n; ++i) {
        models.push_back(
            {spec, 0.1 * static_cast<double>(i), 8, data, problem.y,
             ModelState<float>{test::initial_parameters<float>(spec, static_cast<unsigned>(i)),
                               start_optimiser<float>({}, spec.n_trained())}});
      }
      const auto ids = engine->open(std::move(models));
      std::vector<EpochRange> ranges;
      for (const ModelId id : ids) ranges.push_back({id, order, 8, 0, 3, 1e-3});
      std::vector<EpochLoss> losses(n);
      engine->train(ranges, losses);
      if (first == 0) ranges.erase(ranges.begin());  // the others go on without the first one
      losses.resize(ranges.size());
      engine->train(ranges, losses);
      std::vector<AnyModelState> states(n);
      engine->close(ids, states);
      return states;
    };
    const auto together = trained(0, 3);
    for (std::size_t i = 0; i < 3; ++i) {
      const auto alone = trained(i, 1);
      EXPECT_TRUE(test::same_bits(std::get<ModelState<float>>(together[i]).parameters,
                                  std::get<ModelState<float>>(alone[0]).parameters));
    }
  }
}

/// Counts what a device is asked for.
class CountingImages final : public test::ForwardingDevice {
 public:
  struct Counts {
    std::size_t products = 0, unfolded = 0, other = 0, blocks = 0;
  };

  CountingImages(const HostDeviceLimits& limits, Counts& counts)
      : ForwardingDevice(gpu::make_host_device(limits)), counts_(counts) {}

  void launch(const gpu::Tasks& tasks) override {
    using OfTraining = gpu::TaskList<gpu::TrainTask<double>>;
    if (std::holds_alternative<OfTraining>(tasks)) ++counts_.blocks;
    ForwardingDevice::launch(tasks);
  }
  void run(const gpu::WidePhase& phase) override {
    const gpu::Phase kind = std::visit([](const auto& p) { return p.phase; }, phase);
    if (kind == gpu::Phase::unfold) ++counts_.unfolded;
    if (kind == gpu::Phase::chain_forward) ++counts_.other;
    ForwardingDevice::run(phase);
  }
  void multiply(const gpu::AnyProducts& products) override {
    ++counts_.products;
    ForwardingDevice::multiply(products);
  }

 private:
  Counts& counts_;
};

CountingImages::Counts counted(const HostDeviceLimits& limits) {
  CountingImages::Counts counts;
  images_on<double>(std::make_unique<CountingImages>(limits, counts), everything(false));
  return counts;
}

TEST(ImagesOnADevice, GoTheWayOfOtherNetworks) {
  const auto small = counted({.shared_memory = kEnough});
  EXPECT_GT(small.blocks, 0u);
  EXPECT_EQ(small.products, 0u);
  const auto wide = counted({.shared_memory = kNoRoom});
  EXPECT_EQ(wide.blocks, 0u);
  EXPECT_GT(wide.other, 0u);
  const auto in_tiles = counted({.shared_memory = kNoRoom, .columns_memory = test::kFewColumns});
  EXPECT_GT(in_tiles.unfolded, 2 * wide.unfolded);
  EXPECT_GT(in_tiles.products, 2 * wide.products);
}

/// Tiles hold what there is memory for, and cover all places in parts.
TEST(Tiling, KeepsWithinItsMemory) {
  const gpu::BlockProgram program(everything(false));
  const gpu::BlockNet& net = program.net();
  for (gpu::Count s = 0; s < net.n_steps; ++s) {
    const gpu::BlockStep& step = net.steps[s];
    if (step.operation != Operation::conv2d) continue;
    for (const std::size_t memory : {1u, 100u, 500u, 5000u, 1000000u}) {
      for (const gpu::Count rows : {1u, 7u, 300u}) {
        const gpu::Tiling tiling = gpu::tiling_of(step, rows, memory);
        EXPECT_EQ(tiling.n_places, rows * step.places);
        ASSERT_GT(tiling.tile, 0u);
        ASSERT_GT(tiling.part, 0u);
        EXPECT_LE(tiling.part, tiling.tile);
        EXPECT_LE(tiling.tile, tiling.n_places);
        const std::size_t parts = tiling.n_parts(tiling.tile);
        EXPECT_TRUE(tiling.tile == 1 || tiling.tile * step.depth() <= memory);
        EXPECT_TRUE(parts == 1 || parts * gpu::sums_of_part(step) <= memory);
        EXPECT_TRUE(tiling.tile == tiling.n_places || tiling.tile % tiling.part == 0);
        gpu::Count covered = 0;
        for (gpu::Count first = 0; first < tiling.n_places; first += tiling.tile) {
          covered += tiling.tile_at(first);
        }
        EXPECT_EQ(covered, tiling.n_places);
      }
    }
  }
}

/// A convolution of 1 x 1 that adds two channels, the largest of what it gives, and a dense layer.
NetworkSpec network_of_ties() {
  const std::vector<Layer> layers{conv(1, {1, 1}),
                                  {.operation = Operation::max_pool, .window = {2, 2, 1, 1}},
                                  {Operation::flatten},
                                  {Operation::dense, 1}};
  return {ImageShape{3, 3, 2}, layers, *find_loss("squared_error")};
}

/// Of equal values the first has the derivative: which one shows in the channels, of which the
/// sums alone are equal.
TEST(ImagesOnADevice, GiveTheDerivativeToTheFirstOfEqualValues) {
  test::Problem<double> problem(network_of_ties(), 4, false);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t p = 0; p < 9; ++p) {
      problem.x(i, 2 * p) = static_cast<double>((p * (i + 3)) % 5);
      problem.x(i, 2 * p + 1) = 7.0 - problem.x(i, 2 * p);
    }
  }
  std::vector<double> at(problem.spec.n_parameters(), 0.25);
  at[0] = at[1] = 1.0;
  const auto gradient_on = [&](std::string_view device) {
    const auto engine = test::engine_of(device);
    const ModelId model = problem.open(*engine, "sgd", 4);
    std::vector<double> gradient(at.size());
    test::loss_and_gradient(*engine, model, at, gradient);
    return gradient;
  };
  const auto expected = gradient_on("reference");
  EXPECT_NE(expected[0], expected[1]);
  for (const std::string_view device : {test::kCudaHost, test::kCudaHostWide}) {
    EXPECT_TRUE(test::close(gradient_on(device), expected, 1e-12)) << device;
  }
}

/// What one NaN comes to: the outputs of the pools that see it.
TEST(ImagesOnADevice, HandNaNsOn) {
  test::Problem<double> problem(network_of_ties(), 5, false);
  problem.x(1, 5) = problem.x(3, 8) = std::numeric_limits<double>::quiet_NaN();
  const auto outputs_on = [&](std::string_view device) {
    const auto engine = test::engine_of(device);
    return test::outputs_of(*engine, problem.open(*engine, "sgd", 5), problem.x).values();
  };
  const auto expected = outputs_on("reference");
  EXPECT_TRUE(std::isnan(expected[1]) && std::isnan(expected[3]) && !std::isnan(expected[2]));
  for (const std::string_view device : {test::kCudaHost, test::kCudaHostWide}) {
    EXPECT_TRUE(test::close(outputs_on(device), expected, 1e-12)) << device;
  }
}

/// The largest norm is that of what a filter sees with.
TEST(ImagesOnADevice, LimitTheNormsOfFilters) {
  test::Problem<double> problem(everything(false), 16, false);
  problem.restraints.max_norm = 0.5;
  const auto trained = [&](std::string_view device) {
    return test::made_on(device, problem, "sgd").parameters;
  };
  const auto expected = trained("reference");
  test::Problem<double> free = problem;
  free.restraints = {};
  EXPECT_FALSE(test::close(test::made_on("reference", free, "sgd").parameters, expected, 1e-3));
  for (const std::string_view device : {test::kCudaHost, test::kCudaHostWide}) {
    EXPECT_TRUE(test::close(trained(device), expected, 1e-9)) << device;
  }
}

/// Images of which one row of values is more than a block without shared memory takes many of.
TEST(ImagesOnADevice, OfManyValuesArePredicted) {
  const std::vector<Layer> layers{conv(24, {3, 3, 1, 1, true}),
                                  act("relu"),
                                  {.operation = Operation::max_pool, .window = {0, 0}},
                                  {Operation::dense, 2}};
  const NetworkSpec spec({64, 64, 1}, layers, *find_loss("squared_error"));
  const test::Problem<float> problem(spec, 40, false);
  const auto w = problem.start();
  const auto outputs_on = [&](std::string_view device) {
    return test::engine_of(device)->predict({spec, std::span(w), problem.x}).values();
  };
  EXPECT_TRUE(test::close(outputs_on(test::kCudaHost), outputs_on("cpu"), 1e-5));
}

}  // namespace
}  // namespace skarma
