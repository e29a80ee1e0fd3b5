#include <skarma/core/net/network_spec.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/networks.hpp>

namespace skarma {
namespace {

using test::Json;
using test::numbers;
using test::same_bits;

TEST(NetworkSpec, PacksCoefsThenIntercepts) {
  const auto spec = test::network({3, 4, 2}, "relu", "squared_error");
  EXPECT_EQ(spec.n_parameters(), 26u);  // E12 of the lecture: (3,4), (4,2), (4,), (2,)
  EXPECT_EQ(spec.n_coefs(), 20u);
  EXPECT_EQ(spec.layers()[1].coef, 12u);
  EXPECT_EQ(spec.layers()[0].intercept, 20u);
  EXPECT_EQ(spec.layers()[1].intercept, 24u);
}

TEST(NetworkSpec, IsAChainOfNodes) {
  const Activation hidden[] = {*find_activation("tanh"), *find_activation("silu")};
  const NetworkSpec spec({4, 3, 2, 1}, hidden, *find_loss("squared_error"));
  std::vector<Operation> operations;
  for (const Node& node : spec.nodes()) {
    const std::size_t place = operations.size();
    operations.push_back(node.operation);
    if (node.operation != Operation::input) {
      EXPECT_EQ(node.reads, std::vector{place - 1});
    }
    EXPECT_EQ(node.slots.size(), node.operation == Operation::dense ? 2u : 0u);
  }
  using enum Operation;
  EXPECT_EQ(operations,
            (std::vector<Operation>{input, dense, activation, dense, activation, dense}));
  EXPECT_EQ(spec.nodes()[2].activation, hidden[0]);
  EXPECT_EQ(spec.nodes()[4].activation, hidden[1]);
  EXPECT_EQ(spec.nodes()[3].slots[0].offset, spec.layers()[1].coef);
  EXPECT_TRUE(spec.nodes()[3].slots[0].penalised && !spec.nodes()[3].slots[1].penalised);
}

TEST(NetworkSpec, PutsLayersAroundActivations) {
  const NetworkSpec spec({4, 3, 3, 2, 1}, *find_activation("tanh"), *find_loss("squared_error"),
                         {.dropout = 0.25, .batch_norm = true, .residual = true});
  std::vector<Operation> operations;
  for (const Node& node : spec.nodes()) operations.push_back(node.operation);
  using enum Operation;
  EXPECT_EQ(operations, (std::vector<Operation>{input, dense, batch_norm, activation, dropout,  //
                                                dense, batch_norm, activation, dropout, add,    //
                                                dense, batch_norm, activation, dropout, dense}));
  EXPECT_EQ(spec.nodes()[9].reads, (std::vector<std::size_t>{8, 4}));
  EXPECT_EQ(spec.nodes()[10].reads, std::vector<std::size_t>{9});
  EXPECT_EQ(spec.nodes()[4].rate, 0.25);
  EXPECT_TRUE(spec.differs_in_training());
}

/// A rate each, that of the inputs first; what is 0 is not there. selu's dropout is its own.
TEST(NetworkSpec, HasARateOfDropoutForEachLayer) {
  const std::vector<Activation> hidden{*find_activation("tanh"), *find_activation("selu")};
  const NetworkSpec spec({4, 3, 2, 1}, hidden, *find_loss("squared_error"),
                         {.dropout = std::vector{0.1, 0.0, 0.3}, .layer_norm = true, .noise = 2.0});
  std::vector<Operation> operations;
  for (const Node& node : spec.nodes()) operations.push_back(node.operation);
  using enum Operation;
  EXPECT_EQ(operations,
            (std::vector<Operation>{input, noise, dropout,          //
                                    dense, layer_norm, activation,  //
                                    dense, layer_norm, activation, alpha_dropout, dense}));
  EXPECT_EQ(spec.nodes()[1].rate, 2.0);
  EXPECT_EQ(spec.nodes()[2].rate, 0.1);
  EXPECT_EQ(spec.nodes()[9].rate, 0.3);
  EXPECT_EQ(spec.nodes()[2].units, 4u);
  EXPECT_TRUE(spec.draws() && spec.differs_in_training());
  const auto with = [&](const HiddenLayerOptions& options) {
    return NetworkSpec({4, 3, 2, 1}, hidden, *find_loss("squared_error"), options);
  };
  EXPECT_TRUE(with({.noise = 0.1}).draws());
  EXPECT_TRUE(with({.dropout = std::vector{0.1, 0.0, 0.0}}).draws());
  EXPECT_FALSE(with({.dropout = std::vector{0.0, 0.0, 0.0}}).differs_in_training());
  EXPECT_FALSE(with({.layer_norm = true}).differs_in_training());
  EXPECT_THROW(with({.dropout = std::vector{0.1, 0.2}}), std::logic_error);
  EXPECT_THROW(with({.batch_norm = true, .layer_norm = true}), std::logic_error);
}

/// A unit of maxout has several columns of coefs; the next layer reads the units.
TEST(NetworkSpec, MaxoutHasPieces) {
  const std::vector<Activation> hidden{parse_activation("maxout(3)"), *find_activation("tanh")};
  const NetworkSpec spec({4, 5, 5, 2}, hidden, *find_loss("log_loss"),
                         {.batch_norm = true, .residual = true});
  EXPECT_EQ(spec.layer_units(), (std::vector<std::size_t>{4, 5, 5, 2}));
  EXPECT_EQ(spec.layers()[0].outputs, 15u);
  EXPECT_EQ(spec.layers()[1].inputs, 5u);
  EXPECT_EQ(spec.layers()[1].coef, 60u);
  EXPECT_EQ(spec.layers()[0].intercept, 60u + 25u + 10u);
  using enum Operation;
  std::vector<Operation> operations;
  std::vector<std::size_t> units;
  for (const Node& node : spec.nodes()) {
    operations.push_back(node.operation);
    units.push_back(node.units);
  }
  EXPECT_EQ(operations, (std::vector<Operation>{input, dense, batch_norm, maxout, dense, batch_norm,
                                                activation, add, dense}));
  EXPECT_EQ(units, (std::vector<std::size_t>{4, 15, 15, 5, 5, 5, 5, 5, 2}));
  const NetworkSpec last({4, 2}, parse_activation("maxout(3)"), *find_loss("log_loss"));
  EXPECT_EQ(last.layers()[0].outputs, 2u);
  EXPECT_THROW(
      NetworkSpec({1u << 20, 1u << 20, 1}, parse_activation("maxout(1e6)"), *find_loss("log_loss")),
      std::invalid_argument);
}

/// gamma and beta lie behind scikit-learn's parameters, and are frozen with their layer.
TEST(NetworkSpec, LayerNormIsTrainedAsOneOfItsLayer) {
  NetworkSpec spec({2, 3, 4, 1}, *find_activation("tanh"), *find_loss("squared_error"),
                   {.layer_norm = true});
  EXPECT_EQ(spec.n_trained(), 30u + 2 * (3 + 4));
  EXPECT_EQ(spec.n_parameters(), spec.n_trained());
  EXPECT_TRUE(spec.nodes()[1].slots[1].trained);
  spec.freeze(std::array{0});
  EXPECT_EQ(spec.frozen(), (std::vector<std::pair<std::size_t, std::size_t>>{
                               {0, 6}, {22, 25}, {30, 33}, {33, 36}}));
}

/// What is trained lies before the moving statistics, and scikit-learn's parameters before both.
TEST(NetworkSpec, PacksStatisticsLast) {
  const NetworkSpec spec({4, 3, 2, 1}, *find_activation("tanh"), *find_loss("squared_error"),
                         {.batch_norm = true});
  const std::size_t n_weights = 4 * 3 + 3 * 2 + 2 + 3 + 2 + 1;
  EXPECT_EQ(spec.n_trained(), n_weights + 2 * (3 + 2));
  EXPECT_EQ(spec.n_parameters(), n_weights + 4 * (3 + 2));
  std::vector<std::size_t> offsets;
  for (const Slot& slot : spec.nodes()[2].slots) offsets.push_back(slot.offset - n_weights);
  for (const Slot& slot : spec.nodes()[5].slots) offsets.push_back(slot.offset - n_weights);
  EXPECT_EQ(offsets, (std::vector<std::size_t>{0, 3, 10, 13, 6, 8, 16, 18}));
  EXPECT_FALSE(spec.nodes()[1].slots[1].trained);
  EXPECT_TRUE(spec.nodes()[7].slots[1].trained);
}

TEST(NetworkSpec, HasRunsOfWhatAnUpdateRuleTreatsAlike) {
  const auto ends = [](const NetworkSpec& spec) {
    std::vector<std::size_t> all;
    std::size_t begin = 0;
    for (const ParameterRun& run : spec.runs()) {
      EXPECT_EQ(run.begin, begin);
      EXPECT_EQ(run.penalised, begin < spec.n_coefs());
      all.push_back(begin = run.end);
    }
    return all;
  };
  NetworkSpec spec = test::network({4, 3, 2}, "tanh", "squared_error");
  EXPECT_EQ(ends(spec), (std::vector<std::size_t>{18, 23}));
  const NetworkSpec with_norm({4, 3, 2}, *find_activation("tanh"), *find_loss("squared_error"),
                              {.batch_norm = true});
  EXPECT_EQ(ends(with_norm), (std::vector<std::size_t>{18, 29}));
  spec.set_factors("intercepts", 2.0, 1.0);
  EXPECT_EQ(ends(spec), (std::vector<std::size_t>{18, 23}));
  EXPECT_EQ(spec.runs()[1].rate_factor, 2.0);
  EXPECT_EQ(spec.runs()[0].rate_factor, 1.0);
}

/// They are drawn as without, and the others are ones and zeros.
TEST(NetworkSpec, DrawsNothingForOtherSlots) {
  const NetworkSpec spec({4, 3, 2}, *find_activation("tanh"), *find_loss("squared_error"),
                         {.dropout = 0.5, .batch_norm = true});
  auto w = test::initial_parameters(spec, 5);
  EXPECT_EQ(std::vector<double>(w.end() - 12, w.end()),
            (std::vector<double>{1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1}));
  w.resize(w.size() - 12);
  EXPECT_EQ(w, test::initial_parameters(test::network({4, 3, 2}, "tanh", "squared_error"), 5));
}

TEST(NetworkSpec, AddsOnlyBetweenHiddenLayersOfOneWidth) {
  const auto n_adds = [](std::vector<std::size_t> units) {
    const NetworkSpec spec(std::move(units), *find_activation("relu"), *find_loss("log_loss"),
                           {.residual = true});
    EXPECT_FALSE(spec.differs_in_training());
    return std::ranges::count(spec.nodes(), Operation::add, &Node::operation);
  };
  EXPECT_EQ(n_adds({3, 3}), 0);
  EXPECT_EQ(n_adds({3, 3, 3}), 0);
  EXPECT_EQ(n_adds({3, 3, 4, 4, 4}), 1);
  EXPECT_EQ(n_adds({5, 4, 4, 4, 2}), 2);
}

TEST(NetworkSpec, TakesOneActivationForAllOrOneForEach) {
  const Activation tanh = *find_activation("tanh");
  const Loss& loss = *find_loss("squared_error");
  EXPECT_EQ(NetworkSpec({4, 3, 2, 1}, tanh, loss).activations(), (std::vector{tanh, tanh}));
  EXPECT_EQ(NetworkSpec({4, 1}, tanh, loss).activations(), std::vector{tanh});
  const Activation three[] = {tanh, tanh, tanh};
  EXPECT_THROW(NetworkSpec({4, 3, 2, 1}, three, loss), std::logic_error);
}

TEST(NetworkSpec, PublishedParameterCounts) {
  EXPECT_EQ(test::network({784, 32, 10}, "relu", "log_loss").n_parameters(), 25450u);         // E62
  EXPECT_EQ(test::network({784, 512, 512, 10}, "relu", "log_loss").n_parameters(), 669706u);  // E70
  EXPECT_EQ(test::network({28, 100, 1}, "relu", "binary_log_loss").n_parameters(), 3001u);  // E101
}

TEST(NetworkSpec, OneLayerIsNoNetwork) {
  EXPECT_THROW(test::network({3}, "relu", "squared_error"), std::logic_error);
}

/// Products and sums of whole numbers that would wrap to a small count, and so to writes out of
/// bounds.
TEST(NetworkSpec, MoreWeightsThanAnyMemoryHoldsAreRefused) {
  constexpr std::size_t large = 2147483647, k32 = std::size_t{1} << 32;
  for (const std::vector<std::size_t>& units :
       std::vector<std::vector<std::size_t>>{{2, large, large, large, large, large, 1},
                                             {2, k32, k32, 1},
                                             {3, k32 * (k32 / 2), 2, 1}}) {
    EXPECT_THROW_WITH(NetworkSpec(units, *find_activation("relu"), *find_loss("squared_error")),
                      std::invalid_argument, "more than any memory can hold");
  }
}

class InitialWeights : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Json& expected() const { return test::golden("init_weights").at("cases").at(GetParam()); }

  template <class T>
  std::vector<double> drawn() const {
    const auto spec = this->spec();
    const auto w =
        test::initial_parameters<T>(spec, expected().at("random_state").get<std::uint32_t>());
    return {w.begin(), w.end()};
  }
  NetworkSpec spec() const {
    return test::network(expected().at("layer_units").get<std::vector<std::size_t>>(),
                         expected().at("activation").get<std::string>(), "squared_error");
  }
};

/// The first row of the matrices, their last row, or the whole of each: what the file holds.
void append(std::vector<double>& all, const std::vector<double>& w, std::size_t at,
            std::size_t count) {
  const auto first = w.begin() + static_cast<std::ptrdiff_t>(at);
  all.insert(all.end(), first, first + static_cast<std::ptrdiff_t>(count));
}

TEST_P(InitialWeights, AreScikitLearnsToTheBit) {
  const auto network = spec();
  const auto w = expected().at("dtype") == "float32" ? drawn<float>() : drawn<double>();
  std::vector<double> coefs, first_rows, last_rows, intercepts, sums;
  for (const LayerPlace& layer : network.layers()) {
    append(coefs, w, layer.coef, layer.inputs * layer.outputs);
    append(first_rows, w, layer.coef, layer.outputs);
    append(last_rows, w, layer.coef + (layer.inputs - 1) * layer.outputs, layer.outputs);
    append(intercepts, w, layer.intercept, layer.outputs);
    long double sum = 0;
    for (std::size_t i = 0; i < layer.inputs * layer.outputs; ++i) sum += w[layer.coef + i];
    sums.push_back(static_cast<double>(sum));
  }
  EXPECT_TRUE(same_bits(intercepts, numbers(expected().at("intercepts"))));
  if (expected().contains("coefs")) {
    EXPECT_TRUE(same_bits(coefs, numbers(expected().at("coefs"))));
    return;
  }
  EXPECT_TRUE(same_bits(first_rows, numbers(expected().at("coefs_first_row"))));
  EXPECT_TRUE(same_bits(last_rows, numbers(expected().at("coefs_last_row"))));
  EXPECT_TRUE(test::close(sums, numbers(expected().at("coefs_exact_sum")), 1e-15));
}

std::string shape_case(const ::testing::TestParamInfo<std::size_t>& info) {
  const Json& one = test::golden("init_weights").at("cases").at(info.param);
  return one.at("activation").get<std::string>() + "_" + one.at("dtype").get<std::string>() + "_" +
         std::to_string(info.param);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, InitialWeights,
    ::testing::Range<std::size_t>(0, test::golden("init_weights").at("cases").size()), shape_case);

TEST(NetworkSpec, FrozenLayersAreInNoRun) {
  NetworkSpec spec({2, 3, 4, 1}, *find_activation("tanh"), *find_loss("squared_error"));
  spec.freeze(std::array{1});
  // W0 (6), W1 (12), W2 (4), b0 (3), b1 (4), b2 (1)
  std::vector<std::pair<std::size_t, std::size_t>> runs;
  for (const ParameterRun& run : spec.runs()) runs.emplace_back(run.begin, run.end);
  EXPECT_EQ(runs, (std::vector<std::pair<std::size_t, std::size_t>>{
                      {0, 6}, {18, 22}, {22, 25}, {29, 30}}));
  EXPECT_EQ(spec.frozen(), (std::vector<std::pair<std::size_t, std::size_t>>{{6, 18}, {25, 29}}));
  EXPECT_THROW(spec.freeze(std::array{3}), std::invalid_argument);
  EXPECT_THROW(spec.freeze(std::array{-1}), std::invalid_argument);
  EXPECT_THROW(spec.freeze(std::array{0, 1, 2}), std::invalid_argument);
}

}  // namespace
}  // namespace skarma
