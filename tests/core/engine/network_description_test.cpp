// tests/gpu/read_description_test.cpp reads what is described here for all networks.
#include <skarma/core/engine/network_description.hpp>

#include <gtest/gtest.h>

#include <skarma/core/engine/device_codes.hpp>
#include <skarma/tests/support/networks.hpp>

namespace skarma {
namespace {

TEST(NetworkDescription, IsThatOfASmallNetwork) {
  const NetworkDescription described(test::network({4, 5, 2}, "gelu", "poisson"));
  const skarma_network& network = described.network();
  EXPECT_EQ(network.loss, SKARMA_POISSON_LOSS);
  EXPECT_EQ(network.n_trained, 4u * 5 + 5 * 2 + 5 + 2);
  EXPECT_EQ(network.n_parameters, network.n_trained);
  ASSERT_EQ(network.n_nodes, 4u);
  EXPECT_EQ(network.nodes[0].operation, SKARMA_INPUT);
  EXPECT_EQ(network.nodes[0].n_reads, 0u);
  EXPECT_EQ(network.nodes[1].operation, SKARMA_DENSE);
  EXPECT_EQ(network.nodes[1].activation, SKARMA_NO_ACTIVATION);
  EXPECT_EQ(network.nodes[2].operation, SKARMA_ACTIVATE);
  EXPECT_EQ(network.nodes[2].activation, SKARMA_GELU);
  EXPECT_EQ(network.nodes[2].reads[0], 1u);
  ASSERT_EQ(network.nodes[3].n_slots, 2u);
  EXPECT_EQ(network.nodes[3].slots[1].kind, SKARMA_INTERCEPTS);
  EXPECT_EQ(network.nodes[3].slots[1].offset, 35u);
  EXPECT_EQ(network.nodes[3].slots[1].penalised, 0);
  ASSERT_EQ(network.n_layers, 2u);
  EXPECT_EQ(network.layers[1].coef, 20u);
  ASSERT_EQ(network.n_runs, 2u);
  EXPECT_EQ(network.runs[0].end, 30u);
  EXPECT_EQ(network.runs[0].penalised, 1);
  ASSERT_EQ(network.n_steps, 2u);
  EXPECT_EQ(network.steps[0].input, -1);
  EXPECT_EQ(network.steps[0].activation, SKARMA_GELU);
  EXPECT_EQ(network.steps[0].preactivation, 0);
  EXPECT_EQ(network.steps[0].output, 1u);
  EXPECT_EQ(network.steps[1].input, 1);
  EXPECT_EQ(network.steps[1].input_delta, 0);
  EXPECT_EQ(network.steps[1].joined, SKARMA_GELU);
  ASSERT_EQ(network.n_widths, 3u);
  EXPECT_EQ(network.widths[2], 2u);
}

TEST(NetworkDescription, NamesSlotsByNumbers) {
  EXPECT_EQ(code_of(kSlotNames, "variance"), SKARMA_VARIANCE);
  EXPECT_EQ(name_of(kSlotNames, SKARMA_COEFS), "coefs");
  EXPECT_THROW(code_of(kSlotNames, "weights"), std::logic_error);
  EXPECT_THROW(name_of(kSlotNames, -1), std::logic_error);
  EXPECT_THROW(name_of(kSlotNames, SKARMA_VARIANCE + 1), std::logic_error);
}

}  // namespace
}  // namespace skarma
