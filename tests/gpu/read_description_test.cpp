// What is described on one side is read as it was on the other.
#include <skarma/gpu/read_description.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/core/engine/device_codes.hpp>
#include <skarma/core/engine/network_description.hpp>
#include <skarma/core/engine/samples_description.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma::gpu {
namespace {

void expect_same(const Slot& a, const Slot& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.offset, b.offset);
  EXPECT_EQ(a.size, b.size);
  EXPECT_EQ(a.initial.value, b.initial.value);
  EXPECT_EQ(a.initial.bound, b.initial.bound);
  EXPECT_EQ(a.penalised, b.penalised);
  EXPECT_EQ(a.trained, b.trained);
  EXPECT_EQ(a.rate_factor, b.rate_factor);
  EXPECT_EQ(a.decay_factor, b.decay_factor);
  EXPECT_EQ(a.frozen, b.frozen);
}

void expect_same(const Node& a, const Node& b) {
  EXPECT_EQ(a.operation, b.operation);
  EXPECT_EQ(a.reads, b.reads);
  EXPECT_EQ(a.units, b.units);
  EXPECT_EQ(a.activation, b.activation);
  EXPECT_EQ(a.rate, b.rate);
  EXPECT_EQ(a.shift, b.shift);
  EXPECT_EQ(a.window, b.window);
  EXPECT_EQ(a.image, b.image);
  ASSERT_EQ(a.slots.size(), b.slots.size());
  for (std::size_t i = 0; i < a.slots.size(); ++i) expect_same(a.slots[i], b.slots[i]);
}

void expect_same(const LayerPlace& a, const LayerPlace& b) {
  EXPECT_EQ(a.inputs, b.inputs);
  EXPECT_EQ(a.outputs, b.outputs);
  EXPECT_EQ(a.coef, b.coef);
  EXPECT_EQ(a.intercept, b.intercept);
}

void expect_same(const ParameterRun& a, const ParameterRun& b) {
  EXPECT_EQ(a.begin, b.begin);
  EXPECT_EQ(a.end, b.end);
  EXPECT_EQ(a.penalised, b.penalised);
  EXPECT_EQ(a.rate_factor, b.rate_factor);
  EXPECT_EQ(a.decay_factor, b.decay_factor);
}

void expect_same(const PlanStep& a, const PlanStep& b) {
  EXPECT_EQ(a.node, b.node);
  EXPECT_EQ(a.operation, b.operation);
  expect_same(a.layer, b.layer);
  EXPECT_EQ(a.input, b.input);
  EXPECT_EQ(a.second, b.second);
  EXPECT_EQ(a.activation, b.activation);
  EXPECT_EQ(a.preactivation, b.preactivation);
  EXPECT_EQ(a.output, b.output);
  EXPECT_EQ(a.delta, b.delta);
  EXPECT_EQ(a.unit_numbers, b.unit_numbers);
  EXPECT_EQ(a.row_scales, b.row_scales);
  ASSERT_EQ(a.input_delta.has_value(), b.input_delta.has_value());
  if (!a.input_delta) return;
  EXPECT_EQ(a.input_delta->place, b.input_delta->place);
  EXPECT_EQ(a.input_delta->joined, b.input_delta->joined);
  EXPECT_EQ(a.input_delta->onto, b.input_delta->onto);
}

template <class T>
void expect_same(const std::vector<T>& a, const std::vector<T>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    SCOPED_TRACE(i);
    expect_same(a[i], b[i]);
  }
}

void expect_same(const NetworkSpec& a, const NetworkSpec& b) {
  expect_same(a.nodes(), b.nodes());
  expect_same(a.layers(), b.layers());
  expect_same(a.runs(), b.runs());
  expect_same(a.plan().steps, b.plan().steps);
  EXPECT_EQ(a.plan().widths, b.plan().widths);
  EXPECT_EQ(a.plan().touch, b.plan().touch);
  EXPECT_EQ(a.plan().n_unit_numbers, b.plan().n_unit_numbers);
  EXPECT_EQ(&a.loss(), &b.loss());
  EXPECT_EQ(a.loss_choice().mean_factor, b.loss_choice().mean_factor);
  EXPECT_EQ(a.is_chain(), b.is_chain());
  EXPECT_EQ(a.options().batch_norm, b.options().batch_norm);
  EXPECT_EQ(a.options().layer_norm, b.options().layer_norm);
  EXPECT_EQ(a.options().residual, b.options().residual);
  EXPECT_EQ(a.options().noise, b.options().noise);
  EXPECT_EQ(a.layer_units(), b.layer_units());
  EXPECT_EQ(a.n_trained(), b.n_trained());
  EXPECT_EQ(a.n_parameters(), b.n_parameters());
}

NetworkSpec read_again(const NetworkSpec& spec) {
  NetworkDescription described(spec);
  const NetworkDescription moved = std::move(described);
  return read_network(moved.network());
}

TEST(ReadDescription, GivesEveryNetworkBack) {
  const std::vector<DropoutRates> rates{0.0, 0.3, std::vector{0.1, 0.0, 0.2, 0.3}};
  for (std::size_t i = 0; i < rates.size(); ++i) {
    for (const std::string_view norm : {"none", "batch", "layer"}) {
      for (const bool residual : {false, true}) {
        for (const Activation& activation : kActivations) {
          SCOPED_TRACE(testing::Message() << activation.name << i << norm << residual);
          NetworkSpec spec({4, 5, 5, 5, 2}, activation, *find_loss("log_loss"),
                           {.dropout = rates[i],
                            .batch_norm = norm == "batch",
                            .residual = residual,
                            .layer_norm = norm == "layer",
                            .noise = residual ? 0.5 : 0.0});
          spec.set_factors("coefs", 0.25, 2.0);
          const NetworkSpec read = read_again(spec);
          expect_same(read, spec);
          EXPECT_EQ(read.activations(), spec.activations());
        }
      }
    }
  }
}

TEST(ReadDescription, GivesMaxoutBack) {
  const std::vector<Activation> hidden{parse_activation("maxout(3)"), parse_activation("relu"),
                                       parse_activation("maxout")};
  const NetworkSpec spec({4, 5, 5, 5, 2}, hidden, *find_loss("log_loss"), {.residual = true});
  const NetworkSpec read = read_again(spec);
  expect_same(read, spec);
  EXPECT_EQ(read.activations(), spec.activations());
}

TEST(ReadDescription, GivesChainsOfLayersBack) {
  const Activation relu = parse_activation("relu"), gelu = parse_activation("gelu");
  const Layer convolution{.operation = Operation::conv2d, .units = 4, .window = {3, 2, 2, 1, true}};
  const Layer kept{.operation = Operation::conv2d, .units = 4, .window = {3, 3, 1, 1, true}};
  const std::vector<Layer> layers{
      {.operation = Operation::rescale, .rate = 0.5, .shift = -0.25},
      convolution,
      {.operation = Operation::batch_norm, .frozen = true},
      {.operation = Operation::activation, .activation = relu},
      {.operation = Operation::add, .inner = {kept, {Operation::layer_norm}}},
      {.operation = Operation::activation, .activation = gelu},
      {.operation = Operation::max_pool, .window = {2, 3, 1, 2}},
      {.operation = Operation::dropout, .rate = 0.3},
      {.operation = Operation::average_pool, .window = {2, 2, 2, 2, true}},
      {Operation::flatten},
      {Operation::dense, 3}};
  const NetworkSpec spec(ImageShape{9, 8, 2}, layers, *find_loss("log_loss"));
  expect_same(read_again(spec), spec);
}

TEST(ReadDescription, SaysTheRateOfDropoutOfEachLayer) {
  const auto rates_of = [](const DropoutRates& dropout) {
    const NetworkSpec spec({4, 5, 5, 2}, *find_activation("selu"), *find_loss("log_loss"),
                           {.dropout = dropout});
    return std::get<std::vector<double>>(read_again(spec).options().dropout);
  };
  EXPECT_EQ(rates_of(0.3), (std::vector{0.0, 0.3, 0.3}));
  EXPECT_EQ(rates_of(std::vector{0.1, 0.0, 0.2}), (std::vector{0.1, 0.0, 0.2}));
}

TEST(ReadDescription, GivesEveryLossBack) {
  for (const Loss& loss : kLosses) {
    const NetworkSpec spec = test::network({4, 2}, "relu", loss.name);
    expect_same(read_again(spec), spec);
    EXPECT_EQ(read_again(spec).loss_numbers(), spec.loss_numbers());
  }
}

TEST(ReadDescription, KnowsEveryUpdateRule) {
  const auto names = update_rule_names();
  EXPECT_EQ(std::vector(kRuleNamesByCode.begin(), kRuleNamesByCode.end()),
            std::vector(names.begin(), names.end()));
}

TEST(ReadDescription, DeclinesCodesThatMeanNothing) {
  const NetworkDescription described(test::network({4, 5, 2}, "relu", "log_loss"));
  skarma_network network = described.network();
  network.loss = SKARMA_TWEEDIE + 1;
  EXPECT_THROW(read_network(network), std::logic_error);
  network = described.network();
  std::vector<skarma_node> nodes(network.nodes, network.nodes + network.n_nodes);
  network.nodes = nodes.data();
  nodes[1].operation = SKARMA_FLATTEN + 1;
  EXPECT_THROW(read_network(network), std::logic_error);
  nodes[1].operation = SKARMA_DENSE;
  nodes[2].activation = SKARMA_EXP;  // a link alone
  EXPECT_THROW(read_network(network), std::logic_error);
}

TEST(ReadDescription, KnowsEveryKindOfScore) {
  for (std::int32_t code = 0; code < kScoreKinds; ++code) EXPECT_EQ(read_score_kind(code), code);
  EXPECT_THROW(read_score_kind(-1), std::logic_error);
  EXPECT_THROW(read_score_kind(kScoreKinds), std::logic_error);
}

TEST(ReadDescription, DeclinesSamplesThatAreNone) {
  const auto x = test::sparse_matrix(5, 4, 0.5, 1);
  const SamplesDescription described(x.view());
  skarma_samples samples = described.samples();
  samples.storage = 2;
  EXPECT_THROW(read_samples(samples), std::logic_error);
  samples = described.samples();
  samples.type = 2;
  EXPECT_THROW(read_samples(samples), std::logic_error);
  samples = described.samples();
  samples.n_samples = 6;
  EXPECT_THROW(read_samples(samples), std::logic_error);
}

/// Rows that are chosen of chosen rows belong to the view alone.
TEST(ReadDescription, SharesRowsAsLongAsTheDescription) {
  const auto x = test::random_matrix(6, 3, 1);
  const std::vector<RowIndex> rows = {5, 3, 1}, again = {2, 0};
  const SamplesDescription described = [&] {
    return SamplesDescription(SampleView(x).rows(rows).rows(again));
  }();
  Matrix<double> read(2, 3);
  read_samples(described.samples()).gather<double>(0, 2, read.data());
  for (std::size_t j = 0; j < 3; ++j) {
    EXPECT_EQ(read(0, j), x(1, j));
    EXPECT_EQ(read(1, j), x(5, j));
  }
}

}  // namespace
}  // namespace skarma::gpu
