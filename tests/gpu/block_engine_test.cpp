#include <skarma/gpu/block_engine.hpp>

#include <gtest/gtest.h>

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
  std::vector<double> outputs, gradient;
};

/// An epoch of minibatches of which the last is short, after a gradient of all samples.
template <class T>
Trained<T> trained_by(std::size_t threads, const NetworkSpec& spec, std::string_view rule) {
  constexpr std::size_t kRows = 13, kBatch = 8;
  const auto engine = make_block_engine(threads);
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
  test::train_one(*engine, {model, order, kBatch, 0, 2, 1e-3}, losses);
  result.loss_sum = losses.loss_sum;
  result.outputs = test::outputs_of(*engine, model, x).values();
  result.state = test::close_one<T>(*engine, model);
  return result;
}

template <class T>
void expect_same_bits(const NetworkSpec& spec, std::string_view rule) {
  const auto alone = trained_by<T>(1, spec, rule), shared = trained_by<T>(8, spec, rule);
  EXPECT_EQ(test::bits(shared.loss_sum), test::bits(alone.loss_sum));
  EXPECT_TRUE(test::same_bits(shared.gradient, alone.gradient));
  EXPECT_TRUE(test::same_bits(shared.state.parameters, alone.state.parameters));
  EXPECT_TRUE(test::same_bits(shared.state.optimiser.moments, alone.state.optimiser.moments));
  EXPECT_TRUE(test::same_bits(shared.outputs, alone.outputs));
}

NetworkSpec network_with(const HiddenLayerOptions& options, std::string_view activation,
                         std::string_view loss) {
  const std::size_t outputs = find_loss(loss)->targets == TargetKind::code ? 3 : 2;
  return {{3, 5, 5, outputs}, *find_activation(activation), *find_loss(loss), options};
}

/// Eight threads of a block, which wait for each other at barriers, race for nothing.
TEST(BlockThreads, GiveTheBitsOfOne) {
  expect_same_bits<double>(network_with({}, "gelu", "squared_error"), "adam");
  const HiddenLayerOptions all{.dropout = 0.3, .batch_norm = true, .residual = true};
  expect_same_bits<double>(network_with(all, "tanh", "log_loss"), "adam");
  expect_same_bits<float>(network_with(all, "silu", "huber"), "sgd");
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

/// An epoch in two ranges is the epoch in one.
TEST(BlockEngine, GoesOnWhereItStopped) {
  const NetworkSpec spec = network_with({.dropout = 0.3}, "tanh", "log_loss");
  const Matrix<double> x = test::random_matrix<double>(33, 3, 1);
  const auto order = RandomState(0).permutation(33);
  const auto trained = [&](std::initializer_list<std::pair<std::size_t, std::size_t>> ranges) {
    const auto engine = make_block_engine(1);
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

TEST(BlockEngine, DeclinesWeightsThatSumToZero) {
  const NetworkSpec spec = network_with({}, "tanh", "log_loss");
  const Matrix<double> x = test::random_matrix<double>(6, 3, 1);
  auto targets = test::random_targets(spec, 6, 2, true);
  std::fill_n(targets.weights.begin(), 3, 0.0);
  const auto engine = make_block_engine(1);
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
