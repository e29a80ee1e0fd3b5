// Chains of layers, with images among them, beside the device 'reference', which is held to central
// differences in its turn.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/cpu/cpu_engine.hpp>
#include <skarma/core/engine/network_description.hpp>
#include <skarma/tests/support/central_differences_of.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/kernel_test.hpp>
#include <skarma/tests/support/problem.hpp>

namespace skarma {
namespace {

using test::Made;
using test::made_on;
using test::Problem;

Layer dense(std::size_t units) { return {Operation::dense, units}; }
Layer activation(std::string_view name) {
  return {.operation = Operation::activation, .activation = parse_activation(name)};
}
Layer convolution(std::size_t filters, const WindowSize& window) {
  return {.operation = Operation::conv2d, .units = filters, .window = window};
}
Layer pool(Operation operation, const WindowSize& window) {
  return {.operation = operation, .window = window};
}
Layer dropout(double rate) { return {.operation = Operation::dropout, .rate = rate}; }
Layer residual(std::vector<Layer> inner) {
  return {.operation = Operation::add, .inner = std::move(inner)};
}

Layer frozen(Layer layer) {
  layer.frozen = true;
  return layer;
}

/// y = (w0 x0 + cos(x1), sin(w1 x0)) for two numbers at a time.
const CustomLayer kCrossed{.name = "crossed",
                           .value =
                               [](auto x, auto w, auto y) {
                                 for (std::size_t j = 0; j < x.size(); j += 2) {
                                   y[j] = w[0] * x[j] + std::cos(x[j + 1]);
                                   y[j + 1] = std::sin(w[1] * x[j]);
                                 }
                               },
                           .derivative =
                               [](auto x, auto w, auto by_y, auto by_x, auto by_w) {
                                 for (std::size_t j = 0; j < x.size(); j += 2) {
                                   const double slope = std::cos(w[1] * x[j]) * by_y[j + 1];
                                   by_x[j] = w[0] * by_y[j] + w[1] * slope;
                                   by_x[j + 1] = -std::sin(x[j + 1]) * by_y[j];
                                   by_w[0] += x[j] * by_y[j];
                                   by_w[1] += x[j] * slope;
                                 }
                               },
                           .n_weights = 2,
                           .initial = 0.5,
                           .bound = 0.2};

/// The sums of an image's channels, as a row of numbers, without weights.
const CustomLayer kSums{
    .name = "sums",
    .value =
        [](auto x, auto, auto y) {
          std::ranges::fill(y, 0.0);
          for (std::size_t j = 0; j < x.size(); ++j) y[j % y.size()] += x[j];
        },
    .derivative =
        [](auto x, auto, auto by_y, auto by_x, auto) {
          for (std::size_t j = 0; j < x.size(); ++j) by_x[j] = by_y[j % by_y.size()];
        },
    .output_shape = [](const auto& shape) { return std::vector<std::size_t>{shape.back()}; }};

Layer custom(const CustomLayer& layer) {
  return {.operation = Operation::custom, .custom = std::make_shared<const CustomLayer>(layer)};
}

const Layer kFlatten{Operation::flatten}, kBatchNorm{Operation::batch_norm},
    kLayerNorm{Operation::layer_norm};
constexpr WindowSize kWholeImage{0, 0};

struct Chain {
  ImageShape input;
  std::vector<Layer> layers;
  std::string_view loss = "log_loss";

  NetworkSpec spec() const { return {input, layers, *find_loss(loss)}; }
};

/// Of an output y and a target t: (y^2 - t)^2 y.
const CustomLoss kOwnLoss{.name = "own",
                          .value =
                              [](auto y, auto t) {
                                double sum = 0.0;
                                for (std::size_t j = 0; j < y.size(); ++j) {
                                  sum += (y[j] * y[j] - t[j]) * (y[j] * y[j] - t[j]) * y[j];
                                }
                                return sum;
                              },
                          .derivative =
                              [](auto y, auto t, auto by_y) {
                                for (std::size_t j = 0; j < y.size(); ++j) {
                                  const double square = y[j] * y[j];
                                  by_y[j] = (square - t[j]) * (5 * square - t[j]);
                                }
                              }};

/// Losses of users' own, with each link, and losses that are averaged over outputs.
std::map<std::string, NetworkSpec> chosen_losses() {
  std::map<std::string, NetworkSpec> specs;
  const ImageShape input{1, 1, 4};
  const Layer layers[] = {dense(5), activation("tanh"), dense(3)};
  for (const Loss& row : kCustomLosses) {
    LossChoice loss(row);
    loss.custom = std::make_shared<const CustomLoss>(kOwnLoss);
    specs.emplace("own behind " + std::string(row.link.name), NetworkSpec(input, layers, loss));
  }
  for (const char* name :
       {"squared_error", "absolute_error", "huber", "log_cosh", "poisson", "binary_log_loss"}) {
    LossChoice loss(*find_loss(name));
    loss.mean_factor = 1.7;
    specs.emplace(name, NetworkSpec(input, layers, loss));
  }
  return specs;
}

/// Everything that can read an image or a row, in the orders that are particular: windows that
/// overlap, that see what is outside, that leave something out; one channel, one filter, one place.
const std::map<std::string, Chain> kChains = {
    {"convolutions and largest values",
     {{7, 6, 2},
      {convolution(5, {3, 3}), activation("relu"), pool(Operation::max_pool, {2, 2, 2, 2}),
       convolution(4, {2, 2, 1, 1, true}), activation("gelu"), kFlatten, dense(6),
       activation("tanh"), dense(3)}}},
    {"strides, zeros around, windows that overlap",
     {{9, 8, 3},
      {convolution(8, {3, 2, 2, 1, true}), activation("tanh"),
       pool(Operation::max_pool, {3, 3, 1, 2, true}), convolution(1, {2, 3, 1, 2}),
       pool(Operation::average_pool, {2, 2, 2, 2, true}), kFlatten, dense(3)}}},
    {"norms of channels",
     {{6, 6, 1},
      {{.operation = Operation::rescale, .rate = 0.5, .shift = -0.25},
       convolution(4, {3, 3}),
       activation("relu"),
       kBatchNorm,
       convolution(6, {1, 1}),
       kBatchNorm,
       activation("silu"),
       pool(Operation::average_pool, {3, 3, 1, 1}),
       kLayerNorm,
       convolution(3, {2, 2}),
       kLayerNorm,
       activation("gelu"),
       kFlatten,
       dense(3)}}},
    {"a residual block of images",
     {{5, 5, 3},
      {convolution(4, {3, 3, 1, 1, true}), kBatchNorm, activation("relu"),
       residual({convolution(4, {3, 3, 1, 1, true}), activation("gelu"),
                 convolution(4, {3, 3, 1, 1, true}), kBatchNorm}),
       activation("relu"), residual({convolution(4, {1, 1})}), dropout(0.3),
       pool(Operation::average_pool, kWholeImage), dense(2)},
      "huber"}},
    {"blocks at the ends of blocks",
     {{1, 1, 4},
      {dense(4), activation("tanh"),
       residual({dense(4), activation("tanh"),
                 residual({dense(4), activation("gelu"), residual({dense(4)})})}),
       dense(3)}}},
    {"images through blocks at the ends of blocks",
     {{5, 4, 2},
      {residual({convolution(2, {3, 3, 1, 1, true}), residual({convolution(2, {1, 1})})}),
       activation("tanh"), kFlatten, residual({dense(40)}), dense(3)}}},
    {"a block of the samples", {{1, 1, 5}, {residual({dense(5)}), dense(2)}, "huber"}},
    {"a block of samples with dropout",
     {{1, 1, 5}, {dropout(0.4), residual({dense(5), activation("tanh")}), dense(3)}}},
    {"a block of flattened samples with noise",
     {{2, 2, 2},
      {{.operation = Operation::noise, .rate = 0.3}, kFlatten, residual({dense(8)}), dense(3)}}},
    {"dropout and noise of images, one filter",
     {{4, 4, 1},
      {{.operation = Operation::noise, .rate = 0.4},
       dropout(0.2),
       convolution(1, {4, 4, 1, 1, true}),
       activation("elu"),
       dropout(0.4),
       convolution(16, {2, 2}),
       activation("leaky_relu(0.2)"),
       {.operation = Operation::rescale, .rate = 2.0, .shift = 0.5},
       pool(Operation::max_pool, kWholeImage),
       dense(3)}}},
    {"frozen layers between others",
     {{6, 6, 1},
      {convolution(4, {3, 3}), frozen(kBatchNorm), activation("relu"),
       frozen(convolution(3, {2, 2})), kBatchNorm, activation("tanh"), frozen(kLayerNorm),
       frozen(kBatchNorm), kFlatten, frozen(dense(5)), frozen(kBatchNorm), activation("gelu"),
       dense(3)}}},
    {"layers of a user's own",
     {{4, 4, 2},
      {custom(kCrossed), convolution(2, {2, 2}), activation("gelu"), custom(kCrossed),
       activation("tanh"), convolution(4, {2, 2}), custom(kCrossed), kBatchNorm,
       frozen(custom(kCrossed)), residual({convolution(4, {1, 1}), custom(kCrossed)}),
       custom(kSums), dense(4), activation("relu"), custom(kCrossed), dense(3)}}},
    {"a layer of a user's own without weights reads the samples",
     {{3, 3, 2}, {custom(kSums), activation("tanh"), dense(3)}}},
    {"layers in unusual orders",
     {{1, 1, 7},
      {kBatchNorm, dense(6), activation("relu"), kBatchNorm, dropout(0.25), activation("gelu"),
       activation("tanh"), kLayerNorm, dense(5), activation("mish"), kLayerNorm, dense(5),
       residual({dense(8), activation("selu"), dense(5)}), activation("softplus"), dense(1)},
      "binary_log_loss"}},
    {"dense layers straight before norms",
     {{1, 1, 5},
      {dense(6), kBatchNorm, activation("tanh"), dense(6), kBatchNorm, activation("relu"),
       dense(3)}}},
    {"pools of the samples",
     {{5, 7, 2},
      {pool(Operation::max_pool, {2, 3, 2, 2}),
       {.operation = Operation::rescale, .rate = 3.0},
       kFlatten,
       activation("tanh"),
       dense(3)}}},
    {"an activation of the samples", {{2, 2, 2}, {activation("gelu"), kFlatten, dense(3)}}},
    {"the samples flattened", {{3, 2, 2}, {kFlatten, dense(4), activation("relu"), dense(3)}}},
    {"one layer", {{1, 1, 5}, {dense(3)}}},
};

/// Functions of users' own are called on this processor alone, which is tested below.
bool knows(std::string_view device, const NetworkSpec& spec) {
  const bool is_own = spec.has(Operation::custom) || spec.loss_choice().custom != nullptr;
  return !is_own || device == "cpu" || device == "reference";
}

template <class T>
class Chains : public ::testing::Test {};
TYPED_TEST_SUITE(Chains, test::RealTypes);

TYPED_TEST(Chains, AreComputedAsTheReferenceDoes) {
  const double tolerance = std::is_same_v<TypeParam, double> ? 1e-9 : 4e-3;
  for (const auto& [name, chain] : kChains) {
    for (const std::size_t rows : {1u, 33u, 53u}) {
      for (const std::string_view rule : {"sgd", "adam"}) {
        // Adam makes a step of a float's rounding where a norm takes a bias away again.
        if (std::is_same_v<TypeParam, float> && rule == "adam") continue;
        SCOPED_TRACE(testing::Message() << name << ", " << rows << " rows, " << rule);
        const Problem<TypeParam> problem(chain.spec(), rows, true);
        const Made expected = made_on("reference", problem, rule);
        for (const std::string_view device : test::devices()) {
          if (device == "reference" || !knows(device, chain.spec())) continue;
          SCOPED_TRACE(device);
          const Made made = made_on(device, problem, rule);
          test::expect_close(made, expected, tolerance);
          EXPECT_TRUE(test::same_bits(made.predicted, made.outputs));
        }
      }
    }
  }
}

/// Sums of scores, which a device makes of outputs that stay there.
TYPED_TEST(Chains, AreScoredAsTheReferenceDoes) {
  const double tolerance = std::is_same_v<TypeParam, double> ? 1e-9 : 4e-3;
  const Problem<TypeParam> problem(kChains.at("norms of channels").spec(), 53, true);
  const auto sums_on = [&](std::string_view device, ScoreKind kind) {
    const auto engine = test::engine_of(device);
    const ModelId model = problem.open(*engine, "sgd", 16);
    return test::sums_of(*engine, model, problem.x, problem.y, kind);
  };
  for (const ScoreKind kind : {kRightRows, kLogLosses}) {
    const auto expected = sums_on("reference", kind);
    EXPECT_GT(expected[0], 0.0);
    for (const std::string_view device : test::devices()) {
      EXPECT_TRUE(test::close(sums_on(device, kind), expected, tolerance)) << device;
    }
  }
}

TEST(Reference, GradientsOfChainsAreCentralDifferences) {
  for (const auto& [name, chain] : kChains) {
    SCOPED_TRACE(name);
    // The reported loss averages over several outputs, its gradient does not.
    Chain one = chain;
    if (one.spec().loss().reduction == Reduction::mean) one.layers.back().units = 1;
    test::expect_central_differences({one.spec(), 9, true});
  }
}

TYPED_TEST(Chains, KnowLossesOfUsersAndMeansOverOutputs) {
  const double tolerance = std::is_same_v<TypeParam, double> ? 1e-9 : 4e-3;
  for (const auto& [name, spec] : chosen_losses()) {
    const Problem<TypeParam> problem(spec, 33, true);
    const Made expected = made_on("reference", problem, "sgd");
    for (const std::string_view device : test::devices()) {
      if (!knows(device, spec)) continue;
      SCOPED_TRACE(testing::Message() << name << " on " << device);
      const Made made = made_on(device, problem, "sgd");
      test::expect_close(made, expected, tolerance);
    }
  }
}

TEST(Reference, GradientsOfChosenLossesAreCentralDifferences) {
  for (const auto& [name, spec] : chosen_losses()) {
    SCOPED_TRACE(name);
    test::expect_central_differences({spec, 9, true});
  }
}

TEST(ChainsOfLayers, WhatDevicesHaveNoWordsForIsAnError) {
  const auto refuses = [](const NetworkSpec& spec) {
    EXPECT_THROW(NetworkDescription{spec}, DeviceError);
  };
  for (const auto& [name, spec] : chosen_losses()) {
    if (spec.loss_choice().custom) refuses(spec);
  }
  refuses(Chain{{1, 1, 4}, {custom(kCrossed), dense(3)}}.spec());
}

TYPED_TEST(Chains, HaveTheSameBitsOnAnyNumberOfThreads) {
  const Chain chain{{28, 28, 2},
                    {convolution(16, {3, 3}), activation("relu"), kBatchNorm,
                     pool(Operation::max_pool, {2, 2, 2, 2}), convolution(32, {3, 3}),
                     activation("relu"), dropout(0.2), kFlatten, dense(10)}};
  const Problem<TypeParam> problem(chain.spec(), 40, false);
  const auto trained_on = [&](int n_threads) {
    const auto engine = make_cpu_engine(n_threads);
    const ModelId model = problem.open(*engine, "adam", 40);
    const auto order = RandomState(5).permutation(40);
    EpochLoss loss;
    test::train_one(*engine, {model, order, 40, 0, 1, 1e-3}, loss);
    return test::in_double(test::close_one<TypeParam>(*engine, model).parameters);
  };
  const auto alone = trained_on(1);
  for (const int n : {2, 3}) EXPECT_TRUE(test::same_bits(trained_on(n), alone)) << n;
}

/// Also where a sample's images lie in rows of another matrix, behind a scaler.
TEST(ChainsOfLayers, ReadSamplesAsOtherNetworksDo) {
  const Problem<double> problem(kChains.at("convolutions and largest values").spec(), 12, false);
  const auto w = problem.start();
  const auto engine = test::engine_of("cpu");
  const auto outputs = engine->predict({problem.spec, std::span(w), problem.x}).values();
  const RowIndex rows[] = {7, 2, 11};
  const auto chosen =
      engine->predict({problem.spec, std::span(w), SampleView(problem.x).rows(rows)}).values();
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) EXPECT_EQ(chosen[3 * i + j], outputs[3 * rows[i] + j]);
  }
}

}  // namespace
}  // namespace skarma
