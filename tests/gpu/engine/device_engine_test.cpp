#include <skarma/gpu/engine/device_engine.hpp>

#include <memory>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/gpu/block/layout.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/one_model.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

template <class T>
struct Trained {
  ModelState<T> state;
  double loss_sum;
  std::vector<double> outputs, gradient, sums;
};

/// An epoch of minibatches of which the last is short, after a gradient of all samples.
template <class T>
Trained<T> trained_by(const gpu::HostDeviceLimits& limits, const NetworkSpec& spec,
                      std::string_view rule, std::size_t kRows = 13, std::size_t kBatch = 8) {
  const auto engine = gpu::make_device_engine(gpu::make_host_device(limits));
  const Matrix<T> x = test::random_matrix<T>(kRows, spec.n_inputs(), 1);
  UpdateRule update;
  update.name = rule;
  const auto start = test::initial_parameters<T>(spec, 3);
  const ModelId model = test::open_one(
      *engine, {spec, 0.3, kBatch, engine->hold(x), test::random_targets(spec, kRows, 2, true),
                ModelState<T>{start, start_optimiser<T>(update, spec.n_trained())}, 7});
  Trained<T> result;
  result.gradient.resize(spec.n_trained());
  const std::vector<double> at(start.begin(), start.end());
  test::loss_and_gradient(*engine, model, at, result.gradient);
  EpochLoss losses;
  const auto order = RandomState(0).permutation(kRows);
  test::train_one(*engine, {model, order, kBatch, 0, (kRows + kBatch - 1) / kBatch, 1e-3}, losses);
  result.loss_sum = losses.loss_sum;
  result.outputs = test::outputs_of(*engine, model, x).values();
  const auto targets = test::random_targets(spec, kRows, 4, true);
  const bool has_codes = spec.loss().targets == TargetKind::code;
  for (const ScoreKind kind : {kRightRows, kLogLosses, kSquaredErrors, kAbsoluteErrors}) {
    if (has_codes && kind != kRightRows && kind != kLogLosses) continue;
    const auto sums = test::sums_of(*engine, model, x, targets, kind);
    result.sums.insert(result.sums.end(), sums.begin(), sums.end());
  }
  result.state = test::close_one<T>(*engine, model);
  return result;
}

template <class T>
void expect_same_bits(const Trained<T>& a, const Trained<T>& b) {
  EXPECT_EQ(test::bits(a.loss_sum), test::bits(b.loss_sum));
  EXPECT_TRUE(test::same_bits(a.gradient, b.gradient));
  EXPECT_TRUE(test::same_bits(a.state.parameters, b.state.parameters));
  EXPECT_TRUE(test::same_bits(a.state.optimiser.moments, b.state.optimiser.moments));
  EXPECT_TRUE(test::same_bits(a.outputs, b.outputs));
  EXPECT_TRUE(test::same_bits(a.sums, b.sums));
}

/// By one thread and by eight, as a small network and as a wide one.
template <class T>
void expect_same_bits(const NetworkSpec& spec, std::string_view rule) {
  for (const std::size_t shared_memory : {std::size_t{1} << 20, std::size_t{16}}) {
    expect_same_bits(
        trained_by<T>({.threads_a_block = 8, .shared_memory = shared_memory}, spec, rule),
        trained_by<T>({.threads_a_block = 1, .shared_memory = shared_memory}, spec, rule));
  }
}

NetworkSpec network_with(const HiddenLayerOptions& options, std::string_view activation,
                         std::string_view loss) {
  const std::size_t outputs = find_loss(loss)->targets == TargetKind::code ? 3 : 2;
  return {{3, 5, 5, outputs}, parse_activation(activation), test::loss_for(loss, outputs), options};
}

/// Number i of models that differ in type, start and alpha.
OpenModel model_number(std::size_t i, const NetworkSpec& spec, DataId data) {
  const auto state = [&]<class T>(T) -> AnyModelState {
    return ModelState<T>{test::initial_parameters<T>(spec, static_cast<unsigned>(i)),
                         start_optimiser<T>({}, spec.n_trained())};
  };
  return {spec,
          0.1 * static_cast<double>(i),
          8,
          data,
          test::random_targets(spec, 33, 2, false),
          i % 2 == 0 ? state(0.0) : state(0.0F)};
}

/// Eight threads of a block, which wait for each other at barriers, race for nothing.
TEST(BlockThreads, GiveTheBitsOfOne) {
  expect_same_bits<double>(network_with({}, "gelu", "squared_error"), "adam");
  const HiddenLayerOptions all{.dropout = 0.3, .batch_norm = true, .residual = true};
  expect_same_bits<double>(network_with(all, "tanh", "log_loss"), "adam");
  expect_same_bits<float>(network_with(all, "silu", "huber"), "sgd");
  const HiddenLayerOptions others{
      .dropout = std::vector{0.2, 0.3, 0.1}, .residual = true, .layer_norm = true, .noise = 0.5};
  expect_same_bits<double>(network_with(others, "selu", "log_loss"), "adam");
  expect_same_bits<double>(network_with(others, "maxout(3)", "log_loss"), "adam");
}

TEST(BlockThreads, GiveTheBitsOfOneForEveryLossAndRule) {
  for (const Loss& loss : kLosses) {
    SCOPED_TRACE(loss.name);
    expect_same_bits<double>(network_with({}, "mish", loss.name), "sgd");
  }
  for (const std::string_view rule : update_rule_names()) {
    SCOPED_TRACE(rule);
    expect_same_bits<double>(network_with({}, "relu", "log_loss"), rule);
  }
}

/// Shared memory for a part of a minibatch at once, and for a whole one.
TEST(DeviceEngine, GivesTheSameBitsInLittleMemory) {
  const NetworkSpec spec =
      network_with({.dropout = std::vector{0.2, 0.3, 0.1}, .layer_norm = true, .noise = 0.5},
                   "gelu", "log_loss");
  const auto trained = [&](std::size_t shared_memory) {
    return trained_by<float>({.shared_memory = shared_memory}, spec, "adam", 300, 140);
  };
  const gpu::BlockProgram program(spec);
  const gpu::BlockExtras all{true, true, static_cast<gpu::Count>(2 * spec.n_trained())};
  const std::size_t part = gpu::layout_for<float>(program.net(), 50, all).bytes;
  expect_same_bits(trained(part), trained(std::size_t{1} << 20));
}

/// No network fits in so little shared memory: all are wide.
constexpr std::size_t kHardlyAny = 16;

/// The whole device takes a network through products what a block takes through loops.
TEST(DeviceEngine, TrainsWideNetworksAsItDoesSmallOnes) {
  const auto expect_close = [](const NetworkSpec& spec, std::size_t batch = 140) {
    const auto wide = trained_by<double>({.shared_memory = kHardlyAny}, spec, "adam", 300, batch);
    const auto small = trained_by<double>({}, spec, "adam", 300, batch);
    EXPECT_NEAR(wide.loss_sum, small.loss_sum, 1e-10 * small.loss_sum);
    EXPECT_TRUE(test::close(wide.gradient, small.gradient, 1e-9));
    EXPECT_TRUE(test::close(wide.state.parameters, small.state.parameters, 1e-9));
    EXPECT_TRUE(test::close(wide.state.optimiser.moments, small.state.optimiser.moments, 1e-9));
  };
  for (const Loss& loss : kLosses) {
    SCOPED_TRACE(loss.name);
    expect_close(network_with({}, "gelu", loss.name));
    expect_close(
        network_with({.dropout = 0.3, .batch_norm = true, .residual = true}, "tanh", loss.name));
    expect_close(network_with(
        {.dropout = std::vector{0.2, 0.3, 0.1}, .residual = true, .layer_norm = true, .noise = 0.5},
        "selu", loss.name));
  }
  expect_close(network_with({.residual = true}, "maxout(3)", "log_loss"));
  for (const std::size_t batch : {19, 9}) {  // 16 and 34 of them
    expect_close(network_with({.dropout = 0.3}, "relu", "log_loss"), batch);
  }
}

/// Gradients of some of a group, with samples of their own, in one go and each alone.
TEST(DeviceEngine, TakesGradientsOfWideNetworksSideBySide) {
  const NetworkSpec spec = network_with({}, "relu", "log_loss");
  const auto engine = gpu::make_device_engine(gpu::make_host_device({.shared_memory = 16}));
  std::vector<Matrix<double>> x;
  for (std::size_t i = 0; i < 7; ++i) {
    x.push_back(test::random_matrix<double>(i < 3 ? 33 : 5000 + i, spec.n_inputs(), 1));
  }
  std::vector<OpenModel> models;
  for (std::size_t i = 0; i < x.size(); ++i) {
    OpenModel model = model_number(2 * i, spec, engine->hold(x[i]));
    model.targets = test::random_targets(spec, x[i].rows(), 2, i % 2 == 0);
    model.largest_batch = 0;
    models.push_back(std::move(model));
  }
  const auto ids = engine->open(std::move(models));
  const auto at = test::random_numbers(spec.n_trained(), 4);
  const auto taken = [&](const std::vector<std::size_t>& which) {
    std::vector<std::vector<double>> gradients(which.size(), std::vector<double>(spec.n_trained()));
    std::vector<GradientJob> jobs;
    for (std::size_t i = 0; i < which.size(); ++i) {
      jobs.push_back({ids[which[i]], at, gradients[i]});
    }
    std::vector<double> losses(jobs.size());
    engine->gradients(jobs, losses);
    for (std::size_t i = 0; i < losses.size(); ++i) gradients[i].push_back(losses[i]);
    return gradients;
  };
  const auto together = taken({0, 1, 3, 4, 6});
  for (const std::size_t i : {0, 1, 3, 4, 6}) {
    const std::size_t place = i - (i > 2 ? 1 : 0) - (i > 5 ? 1 : 0);
    EXPECT_TRUE(test::same_bits(together[place], taken({i})[0])) << i;
  }
}

/// Products with shorter factors, where they are asked for: of wide networks in float32.
TEST(DeviceEngine, RoundsToTf32WhatWideNetworksMultiply) {
  const NetworkSpec spec = network_with({}, "relu", "log_loss");
  const auto expect_rounded = [&]<class T>(T, std::size_t shared_memory, bool is_rounded) {
    const auto parameters = [&](bool tf32) {
      const auto engine =
          gpu::make_device_engine(gpu::make_host_device({.shared_memory = shared_memory}));
      const Matrix<T> x = test::random_matrix<T>(13, spec.n_inputs(), 1);
      OpenModel model{spec,
                      0.3,
                      5,
                      engine->hold(x),
                      test::random_targets(spec, 13, 2, true),
                      ModelState<T>{test::initial_parameters<T>(spec, 3),
                                    start_optimiser<T>({}, spec.n_trained())}};
      model.tf32 = tf32;
      const ModelId id = test::open_one(*engine, std::move(model));
      EpochLoss losses;
      const auto order = RandomState(0).permutation(13);
      test::train_one(*engine, {id, order, 5, 0, 3, 1e-3}, losses);
      return test::close_one<T>(*engine, id).parameters;
    };
    const auto with = parameters(true), without = parameters(false);
    EXPECT_EQ(test::same_bits(with, without), !is_rounded);
    EXPECT_TRUE(test::close(with, without, 1e-2));
  };
  expect_rounded(0.0F, kHardlyAny, true);
  expect_rounded(0.0F, std::size_t{1} << 20, false);
  expect_rounded(0.0, kHardlyAny, false);
}

/// Two that differ in this alone are no group.
TEST(DeviceEngine, GivesTheSameBitsBesideTf32) {
  const NetworkSpec spec = network_with({}, "relu", "log_loss");
  const auto trained = [&](bool first_is_tf32) {
    const auto engine = gpu::make_device_engine(gpu::make_host_device({.shared_memory = 16}));
    const Matrix<float> x = test::random_matrix<float>(33, spec.n_inputs(), 1);
    const DataId data = engine->hold(x);
    std::vector<OpenModel> models;
    for (const std::size_t i : {1, 3}) models.push_back(model_number(i, spec, data));
    models[0].tf32 = first_is_tf32;
    const auto ids = engine->open(std::move(models));
    const auto order = RandomState(0).permutation(33);
    const std::vector<EpochRange> group{{ids[0], order, 8, 0, 5, 1e-3},
                                        {ids[1], order, 8, 0, 5, 1e-3}};
    std::vector<EpochLoss> losses(2);
    engine->train(group, losses);
    std::vector<AnyModelState> states(2);
    engine->close(ids, states);
    return states;
  };
  const auto mixed = trained(true), alike = trained(false);
  const auto parameters = [](const AnyModelState& state) {
    return std::get<ModelState<float>>(state).parameters;
  };
  EXPECT_FALSE(test::same_bits(parameters(mixed[0]), parameters(alike[0])));
  EXPECT_TRUE(test::same_bits(parameters(mixed[1]), parameters(alike[1])));
}

/// Samples that the device has no room for come in parts.
TEST(DeviceEngine, GivesTheSameBitsForSamplesThatDoNotFit) {
  const NetworkSpec spec({200, 4, 2}, *find_activation("tanh"), *find_loss("squared_error"));
  const auto trained = [&](std::size_t memory, std::size_t shared_memory) {
    return trained_by<double>({.memory = memory, .shared_memory = shared_memory}, spec, "sgd", 9000,
                              64);
  };
  constexpr std::size_t kSamples = 9000 * 200 * sizeof(double);
  for (const std::size_t shared_memory : {std::size_t{1} << 20, kHardlyAny}) {
    expect_same_bits(trained(kSamples / 2, shared_memory), trained(kSamples * 4, shared_memory));
  }
}

/// Rows that come to their sums in several launches: outputs of more than goes through the device
/// at once, of samples that are there and of those that are gathered here.
TEST(DeviceEngine, AddsRowAfterRowInSeveralLaunches) {
  constexpr std::size_t kRows = 6000;
  const NetworkSpec spec({400, 100}, *find_activation("tanh"), *find_loss("squared_error"));
  const Matrix<double> x = test::random_matrix<double>(kRows, 400, 1);
  const auto targets = test::random_targets(spec, kRows, 2, true);
  constexpr std::size_t kSamples = kRows * 400 * sizeof(double);
  for (const std::size_t memory : {kSamples * 5 / 6, kSamples * 4}) {
    const auto engine = gpu::make_device_engine(gpu::make_host_device({.memory = memory}));
    const auto start = test::initial_parameters<double>(spec, 3);
    const std::vector<RowIndex> one{0};
    const ModelId model = test::open_one(
        *engine, {spec, 0.3, 1, engine->hold(SampleView(x).rows(one)), targets.at(one),
                  ModelState<double>{start, start_optimiser<double>({}, start.size())}});
    const Matrix<double> outputs = test::outputs_of(*engine, model, x);
    std::vector<double> expected(100);
    for (std::size_t i = 0; i < kRows; ++i) {
      for (std::size_t j = 0; j < 100; ++j) {
        const double error = targets.values[i * 100 + j] - outputs(i, j);
        expected[j] += targets.weights[i] * (error * error);
      }
    }
    EXPECT_TRUE(
        test::same_bits(test::sums_of(*engine, model, x, targets, kSquaredErrors), expected));
  }
}

/// What becomes of models number first ... first + n - 1, trained together for two epochs, of which
/// the second is for those of even numbers alone; then the parameters are those after the first.
std::vector<AnyModelState> trained_together(const gpu::HostDeviceLimits& limits, std::size_t first,
                                            std::size_t n) {
  const NetworkSpec spec = network_with({}, "relu", "log_loss");
  const Matrix<double> x = test::random_matrix<double>(33, 3, 1);
  const auto order = RandomState(0).permutation(33);
  const auto engine = gpu::make_device_engine(gpu::make_host_device(limits));
  const DataId data = engine->hold(x);
  std::vector<OpenModel> models;
  for (std::size_t i = first; i < first + n; ++i) models.push_back(model_number(i, spec, data));
  const auto ids = engine->open(std::move(models));
  std::vector<EpochRange> ranges;
  std::vector<EpochLoss> losses(n);
  for (std::size_t i = 0; i < n; ++i) ranges.push_back({ids[i], order, 8, 0, 5, 1e-3});
  engine->train(ranges, losses);
  for (std::size_t i = 0; i < n; ++i) {
    if ((first + i) % 4 < 2) engine->keep(ids[i]);
    if ((first + i) % 3 == 0) ranges[i].end_batch = 0;
  }
  engine->train(ranges, losses);
  for (const ModelId id : ids) engine->restore(id);
  std::vector<AnyModelState> states(n);
  engine->close(ids, states);
  return states;
}

/// Models of both types that were opened and trained together, of which some end before others.
TEST(DeviceEngine, GivesTheSameBitsToAGroup) {
  for (const std::size_t shared_memory : {std::size_t{1} << 20, kHardlyAny}) {
    const gpu::HostDeviceLimits limits{.shared_memory = shared_memory};
    const auto together = trained_together(limits, 0, 12);
    for (std::size_t i = 0; i < together.size(); ++i) {
      const auto alone = trained_together(limits, i, 1).front();
      const auto expect_alone = [&]<class T>(const ModelState<T>& state) {
        const auto& of_group = std::get<ModelState<T>>(together[i]);
        EXPECT_TRUE(test::same_bits(of_group.parameters, state.parameters));
        EXPECT_TRUE(test::same_bits(of_group.optimiser.moments, state.optimiser.moments));
        EXPECT_EQ(of_group.optimiser.n_steps, i % 3 == 0 ? 5 : 10);
      };
      std::visit(expect_alone, alone);
    }
  }
}

/// Nothing is trained between the two, so that both wait for the same launch.
TEST(DeviceEngine, GoesBackToWhatItHasJustKept) {
  const NetworkSpec spec = network_with({}, "relu", "log_loss");
  const Matrix<double> x = test::random_matrix<double>(33, 3, 1);
  const auto engine = gpu::make_device_engine(gpu::make_host_device());
  OpenModel model = model_number(1, spec, engine->hold(x));
  const auto start = std::get<ModelState<float>>(model.state).parameters;
  const ModelId id = test::open_one(*engine, std::move(model));
  engine->keep(id);
  engine->restore(id);
  EXPECT_TRUE(test::same_bits(test::close_one<float>(*engine, id).parameters, start));
}

TEST(DeviceEngine, SaysThatItHasNoMemoryForAGroup) {
  const NetworkSpec spec = network_with({}, "relu", "log_loss");
  const Matrix<double> x = test::random_matrix<double>(33, 3, 1);
  const auto engine = gpu::make_device_engine(gpu::make_host_device({.memory = 40000}));
  const DataId data = engine->hold(x);
  const auto open = [&](std::size_t n) {
    std::vector<OpenModel> models;
    for (std::size_t i = 0; i < n; ++i) models.push_back(model_number(1, spec, data));
    return engine->open(std::move(models));
  };
  EXPECT_THROW(open(40), OutOfMemory);
  EXPECT_EQ(open(2).size(), 2);
}

TEST(DeviceEngine, DeclinesMinibatchesThatItCannotCount) {
  const NetworkSpec spec = network_with({}, "relu", "log_loss");
  const Matrix<double> x = test::random_matrix<double>(33, 3, 1);
  const auto engine = gpu::make_device_engine(gpu::make_host_device());
  std::vector<OpenModel> models{model_number(1, spec, engine->hold(x))};
  models.front().largest_batch = std::size_t{1} << 30;
  EXPECT_THROW(engine->open(std::move(models)), std::invalid_argument);
}

/// Views of one matrix take the memory of one.
TEST(DeviceEngine, HoldsAMatrixOnce) {
  const Matrix<double> x = test::random_matrix<double>(1000, 50, 1);
  const std::vector<RowIndex> rows{5, 3, 999};
  auto device = gpu::make_host_device({.memory = std::size_t{1} << 20});
  const gpu::Device& seen = *device;
  const auto engine = gpu::make_device_engine(std::move(device));
  const DataId whole = engine->hold(x);
  const std::size_t left = seen.free_memory();
  const DataId fold = engine->hold(SampleView(x).rows(rows));
  EXPECT_LT(left - seen.free_memory(), std::size_t{10000});
  engine->release(whole);
  EXPECT_LT(seen.free_memory(), std::size_t{1} << 20);
  engine->release(fold);
  EXPECT_EQ(seen.free_memory(), std::size_t{1} << 20);
}

/// An epoch in two ranges is the epoch in one.
TEST(DeviceEngine, GoesOnWhereItStopped) {
  const NetworkSpec spec = network_with({.dropout = 0.3}, "tanh", "log_loss");
  const Matrix<double> x = test::random_matrix<double>(33, 3, 1);
  const auto order = RandomState(0).permutation(33);
  const auto trained = [&](std::initializer_list<std::pair<std::size_t, std::size_t>> ranges) {
    const auto engine = gpu::make_device_engine(gpu::make_host_device());
    const ModelId model = test::open_one(
        *engine, {spec, 0.3, 8, engine->hold(x), test::random_targets(spec, 33, 2, false),
                  ModelState<double>{test::initial_parameters<double>(spec, 3),
                                     start_optimiser<double>({}, spec.n_trained())}});
    EpochLoss losses;
    for (const auto& [begin, end] : ranges) {
      test::train_one(*engine, {model, order, 8, begin, end, 1e-3}, losses);
    }
    return test::close_one<double>(*engine, model).parameters;
  };
  EXPECT_TRUE(test::same_bits(trained({{0, 2}, {2, 5}}), trained({{0, 5}})));
}

TEST(DeviceEngine, DeclinesWeightsThatSumToZero) {
  const NetworkSpec spec = network_with({}, "tanh", "log_loss");
  const Matrix<double> x = test::random_matrix<double>(6, 3, 1);
  auto targets = test::random_targets(spec, 6, 2, true);
  std::fill_n(targets.weights.begin(), 3, 0.0);
  const auto engine = gpu::make_device_engine(gpu::make_host_device());
  const ModelId model =
      test::open_one(*engine, {spec, 0.3, 3, engine->hold(x), targets,
                               ModelState<double>{test::initial_parameters<double>(spec, 3),
                                                  start_optimiser<double>({}, spec.n_trained())}});
  const auto order = std::vector<RowIndex>{0, 1, 2, 3, 4, 5};
  EpochLoss losses;
  EXPECT_THROW(test::train_one(*engine, {model, order, 3, 0, 2, 1e-3}, losses), std::domain_error);
}

}  // namespace
}  // namespace skarma
