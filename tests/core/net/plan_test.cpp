#include <skarma/core/net/plan.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/networks.hpp>

namespace skarma {
namespace {

using Buffer = std::optional<BufferId>;

TEST(Plan, JoinsAnActivationToItsLayer) {
  const Plan plan = test::network({4, 3, 2, 1}, "tanh", "squared_error").plan();
  ASSERT_EQ(plan.steps.size(), 3u);
  EXPECT_EQ(plan.widths, (std::vector<std::size_t>{3, 2, 1}));
  for (const BufferId i : {0, 1, 2}) {
    EXPECT_EQ(plan.steps[i].input, i == 0 ? Buffer() : Buffer(i - 1));
    EXPECT_EQ(plan.steps[i].output, i);
    EXPECT_EQ(plan.steps[i].preactivation, Buffer());
    EXPECT_EQ(plan.steps[i].activation, i < 2 ? find_activation("tanh") : std::nullopt);
  }
}

/// The next layer reads the activation; its derivative is taken through what went into it.
TEST(Plan, KeepsWhatADerivativeIsTakenThrough) {
  const Plan plan = test::network({4, 3, 1}, "gelu", "squared_error").plan();
  EXPECT_EQ(plan.widths, (std::vector<std::size_t>{3, 3, 1}));
  EXPECT_EQ(plan.steps[0].preactivation, Buffer(0));
  EXPECT_EQ(plan.steps[0].output, 1u);
  EXPECT_EQ(plan.steps[1].input, Buffer(1));
  EXPECT_EQ(plan.steps[1].output, 2u);
}

NetworkSpec network_with(const HiddenLayerOptions& options, std::string_view activation) {
  return {{4, 3, 3, 1}, *find_activation(activation), *find_loss("squared_error"), options};
}

std::vector<Operation> operations_of(const Plan& plan) {
  std::vector<Operation> operations;
  for (const PlanStep& step : plan.steps) operations.push_back(step.operation);
  return operations;
}

/// A dense layer multiplies the derivative of the activation before in, and leaves it in the place
/// of the values: no buffer is made for deltas.
TEST(Plan, PutsDeltasInThePlaceOfValues) {
  const Plan plan = test::network({4, 3, 2, 1}, "tanh", "squared_error").plan();
  EXPECT_FALSE(plan.steps[0].input_delta);
  for (const std::size_t i : {1, 2}) {
    ASSERT_TRUE(plan.steps[i].input_delta);
    EXPECT_EQ(plan.steps[i].input_delta->place, plan.steps[i - 1].output);
    EXPECT_EQ(plan.steps[i].input_delta->joined, find_activation("tanh"));
    EXPECT_EQ(plan.steps[i].input_delta->onto, Buffer());
    EXPECT_EQ(plan.steps[i - 1].delta, Buffer());
  }
}

TEST(Plan, PutsDeltasOfDropoutInItsOutput) {
  const Plan plan = network_with({.dropout = 0.5}, "tanh").plan();
  using enum Operation;
  EXPECT_EQ(operations_of(plan), (std::vector<Operation>{dense, dropout, dense, dropout, dense}));
  EXPECT_EQ(plan.widths, (std::vector<std::size_t>{3, 3, 3, 3, 1}));
  EXPECT_EQ(plan.steps[0].delta, Buffer(1));
  EXPECT_EQ(plan.steps[1].delta, Buffer(1));
  EXPECT_EQ(plan.steps[2].input_delta->place, 1u);
  EXPECT_EQ(plan.steps[2].input_delta->joined, find_activation("identity"));
}

/// What training makes of the inputs wants no derivative, and the first dense step reads it.
TEST(Plan, TakesNothingBackToTheInputs) {
  const Plan plan =
      network_with({.dropout = std::vector{0.2, 0.0, 0.5}, .noise = 0.1}, "tanh").plan();
  using enum Operation;
  EXPECT_EQ(operations_of(plan),
            (std::vector<Operation>{noise, dropout, dense, dense, dropout, dense}));
  EXPECT_EQ(plan.widths, (std::vector<std::size_t>{4, 4, 3, 3, 3, 1}));
  EXPECT_EQ(first_layer(plan), 2u);
  EXPECT_EQ(plan.steps[0].input, Buffer());
  EXPECT_EQ(plan.steps[1].input, Buffer(0));
  EXPECT_EQ(plan.steps[2].input, Buffer(1));
  for (const std::size_t i : {0, 1, 2}) {
    EXPECT_EQ(plan.steps[i].delta, Buffer());
    EXPECT_FALSE(plan.steps[i].input_delta);
  }
  EXPECT_TRUE(plan.steps[3].input_delta);
  EXPECT_EQ(first_layer(network_with({}, "tanh").plan()), 0u);
}

TEST(Plan, KeepsANumberForEachRowOfLayerNorm) {
  const Plan plan = network_with({.layer_norm = true}, "gelu").plan();
  using enum Operation;
  EXPECT_EQ(operations_of(plan),
            (std::vector<Operation>{dense, layer_norm, dense, layer_norm, dense}));
  EXPECT_EQ(plan.steps[1].activation, find_activation("gelu"));
  for (const std::size_t i : {1, 3}) EXPECT_EQ(plan.widths[*plan.steps[i].row_scales], 1u);
  EXPECT_NE(plan.steps[1].row_scales, plan.steps[3].row_scales);
  EXPECT_EQ(plan.steps[2].input_delta->place, *plan.steps[1].preactivation);
  EXPECT_EQ(plan.n_unit_numbers, 0u);
}

/// It has a buffer for the pieces, in whose place their delta comes.
TEST(Plan, MaxoutIsAStepOfItsOwn) {
  const NetworkSpec spec({4, 3, 3, 1}, parse_activation("maxout(5)"), *find_loss("squared_error"));
  const Plan& plan = spec.plan();
  using enum Operation;
  EXPECT_EQ(operations_of(plan), (std::vector<Operation>{dense, maxout, dense, maxout, dense}));
  EXPECT_EQ(plan.widths, (std::vector<std::size_t>{15, 3, 15, 3, 1}));
  EXPECT_EQ(plan.steps[0].activation, find_activation("identity"));
  EXPECT_EQ(plan.steps[0].delta, Buffer());
  EXPECT_FALSE(plan.steps[1].activation);
  EXPECT_EQ(plan.steps[1].delta, Buffer(plan.steps[1].output));
  EXPECT_EQ(plan.steps[2].input_delta->place, plan.steps[1].output);
}

TEST(Plan, JoinsAnActivationToBatchNorm) {
  const Plan plan = network_with({.batch_norm = true}, "gelu").plan();
  using enum Operation;
  EXPECT_EQ(operations_of(plan),
            (std::vector<Operation>{dense, batch_norm, dense, batch_norm, dense}));
  EXPECT_EQ(plan.steps[0].activation, find_activation("identity"));
  EXPECT_EQ(plan.steps[1].activation, find_activation("gelu"));
  EXPECT_EQ(plan.steps[1].input, Buffer(plan.steps[0].output));
  EXPECT_NE(plan.steps[1].preactivation, Buffer());
  EXPECT_EQ(plan.steps[2].input_delta->place, *plan.steps[1].preactivation);
  EXPECT_EQ(plan.n_unit_numbers, 18u);
}

/// The two that are added share the delta of the sum; a dense layer adds its own to it.
TEST(Plan, AddsTheDeltasOfTwoReaders) {
  const Plan plan = network_with({.residual = true}, "relu").plan();
  using enum Operation;
  EXPECT_EQ(operations_of(plan), (std::vector<Operation>{dense, dense, add, dense}));
  const PlanStep& sum = plan.steps[2];
  EXPECT_EQ(sum.input, Buffer(plan.steps[1].output));
  EXPECT_EQ(sum.second, Buffer(plan.steps[0].output));
  EXPECT_EQ(sum.delta, Buffer(sum.output));
  EXPECT_EQ(plan.steps[0].delta, sum.delta);
  EXPECT_EQ(plan.steps[1].delta, sum.delta);
  EXPECT_EQ(plan.steps[1].input_delta->onto, sum.delta);
  EXPECT_NE(plan.steps[1].input_delta->place, sum.output);
}

}  // namespace
}  // namespace skarma
