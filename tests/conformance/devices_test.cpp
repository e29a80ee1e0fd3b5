// Every activation, loss and update rule on every device, beside the device 'reference', which is
// held to central differences in its turn.
#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include <gtest/gtest.h>

#include <skarma/tests/support/central_differences_of.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/devices.hpp>
#include <skarma/tests/support/kernel_test.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/one_model.hpp>
#include <skarma/tests/support/problem.hpp>

namespace skarma {
namespace {

using test::in_double;
using test::Made;
using test::made_on;
using test::Problem;

/// What the processor makes of a problem behind the interface to libraries, it makes with the same
/// bits.
void expect_same_bits(const Made& made, const Made& expected) {
  EXPECT_EQ(test::bits(made.loss), test::bits(expected.loss));
  EXPECT_EQ(test::bits(made.epochs.loss_sum), test::bits(expected.epochs.loss_sum));
  EXPECT_TRUE(test::same_bits(made.gradient, expected.gradient));
  EXPECT_TRUE(test::same_bits(made.parameters, expected.parameters));
  EXPECT_TRUE(test::same_bits(made.outputs, expected.outputs));
  EXPECT_TRUE(test::same_bits(made.predicted, expected.predicted));
}

/// All figures of a device are those of the reference, to rounding.
template <class T>
void expect_conforms(const Problem<T>& problem, std::string_view rule) {
  const double tolerance = std::is_same_v<T, double> ? 1e-9 : 4e-3;
  const Made expected = made_on("reference", problem, rule);
  const Made on_cpu = made_on("cpu", problem, rule);
  for (const std::string_view device : test::devices()) {
    if (device == "reference") continue;
    const Made made = device == "cpu" ? on_cpu : made_on(device, problem, rule);
    if (device == test::kPlugin) expect_same_bits(made, on_cpu);
    SCOPED_TRACE(device);
    test::expect_close(made, expected, tolerance);
    EXPECT_TRUE(test::same_bits(made.predicted, made.outputs));
  }
}

std::size_t n_outputs_of(const Loss& loss) { return loss.targets == TargetKind::code ? 4 : 2; }

NetworkSpec network_with(const HiddenLayerOptions& options, std::vector<std::size_t> units,
                         std::string_view activation, std::string_view loss) {
  return {std::move(units), parse_activation(activation), *find_loss(loss), options};
}

template <class T>
class Devices : public ::testing::Test {};
TYPED_TEST_SUITE(Devices, test::RealTypes);

TYPED_TEST(Devices, ComputeEveryActivationAndLoss) {
  for (const Activation& activation : kActivations) {
    for (const Loss& loss : kLosses) {
      for (const bool weighted : {false, true}) {
        SCOPED_TRACE(testing::Message()
                     << activation.name << ", " << loss.name << (weighted ? ", weighted" : ""));
        const std::size_t outputs = n_outputs_of(loss);
        expect_conforms<TypeParam>({{6, 7, 5, outputs}, activation.name, loss.name, 53, weighted},
                                   "adam");
      }
    }
  }
}

TYPED_TEST(Devices, ComputeActivationsWithNumbers) {
  for (const std::string_view activation :
       {"leaky_relu(0.3)", "leaky_relu(0)", "elu(0.4)", "elu(0)"}) {
    SCOPED_TRACE(activation);
    expect_conforms<TypeParam>({{6, 7, 5, 3}, activation, "log_loss", 53, true}, "adam");
    expect_conforms<TypeParam>(
        {network_with({.batch_norm = true}, {6, 7, 7, 3}, activation, "log_loss"), 53, true},
        "adam");
  }
}

TYPED_TEST(Devices, ComputeEveryLossAndRule) {
  for (const Loss& loss : kLosses) {
    for (const std::string_view rule : update_rule_names()) {
      for (const bool weighted : {false, true}) {
        SCOPED_TRACE(testing::Message()
                     << loss.name << ", " << rule << (weighted ? ", weighted" : ""));
        const std::size_t outputs = n_outputs_of(loss);
        expect_conforms<TypeParam>({{6, 7, 5, outputs}, "tanh", loss.name, 53, weighted}, rule);
      }
    }
  }
}

TYPED_TEST(Devices, ComputeAnActivationForEachHiddenLayer) {
  for (const Activation& first : kActivations) {
    for (const Activation& second : kActivations) {
      SCOPED_TRACE(testing::Message() << first.name << ", " << second.name);
      const Activation hidden[] = {first, second};
      expect_conforms<TypeParam>(
          {NetworkSpec({6, 7, 5, 3}, hidden, *find_loss("log_loss")), 53, true}, "adam");
    }
  }
}

/// All that can stand around the activations of so many hidden layers, and before them.
std::vector<HiddenLayerOptions> hidden_layers(std::size_t n_hidden) {
  std::vector<HiddenLayerOptions> all;
  for (const double dropout : {0.0, 0.3}) {
    for (const bool batch_norm : {false, true}) {
      for (const bool residual : {false, true}) all.push_back({dropout, batch_norm, residual});
    }
    all.push_back({.dropout = dropout, .residual = true, .layer_norm = true});
  }
  std::vector<double> rates(n_hidden + 1, 0.2);
  rates[0] = 0.4;
  rates.back() = 0.0;
  all.push_back({.layer_norm = true});
  all.push_back({.noise = 0.5});
  all.push_back({.dropout = rates});
  all.push_back({.dropout = rates, .batch_norm = true, .noise = 0.5});
  all.push_back({.dropout = rates, .residual = true, .layer_norm = true, .noise = 0.5});
  return all;
}

std::string described(const HiddenLayerOptions& options) {
  const auto* rate = std::get_if<double>(&options.dropout);
  return "dropout " + (rate != nullptr ? std::to_string(*rate) : "of each layer") +
         (options.batch_norm ? ", batch norm" : "") + (options.layer_norm ? ", layer norm" : "") +
         (options.residual ? ", residual" : "") + (options.noise > 0.0 ? ", noise" : "");
}

/// Of derivatives that are 0 but for rounding, as those by what batch_norm takes away again,
/// devices have signs of their own.
bool takes_signs(std::string_view rule) { return rule == "lion" || rule == "rprop"; }

TYPED_TEST(Devices, ComputeEveryLayer) {
  for (const HiddenLayerOptions& options : hidden_layers(5)) {
    const auto expect_conforming = [&](std::string_view activation, std::string_view rule) {
      SCOPED_TRACE(testing::Message() << described(options) << ", " << activation << ", " << rule);
      const NetworkSpec spec = network_with(options, {6, 7, 7, 5, 5, 5, 3}, activation, "log_loss");
      expect_conforms<TypeParam>({spec, 53, true}, rule);
    };
    for (const Activation& activation : kActivations) expect_conforming(activation.name, "adam");
    for (const std::string_view rule : update_rule_names()) {
      if (!options.batch_norm || !takes_signs(rule)) expect_conforming("tanh", rule);
    }
  }
}

TYPED_TEST(Devices, ComputeMaxout) {
  for (const HiddenLayerOptions& options : hidden_layers(3)) {
    for (const std::string_view activation : {"maxout", "maxout(3)", "maxout(1)"}) {
      SCOPED_TRACE(testing::Message() << described(options) << ", " << activation);
      const NetworkSpec spec = network_with(options, {6, 7, 7, 5, 3}, activation, "log_loss");
      expect_conforms<TypeParam>({spec, 53, true}, "sgd");
    }
  }
  const std::vector<Activation> hidden{parse_activation("tanh"), parse_activation("maxout(4)"),
                                       parse_activation("gelu")};
  for (const std::string_view rule : update_rule_names()) {
    SCOPED_TRACE(rule);
    const NetworkSpec spec({6, 7, 5, 5, 3}, hidden, *find_loss("log_loss"), {.residual = true});
    expect_conforms<TypeParam>({spec, 53, false}, rule);
  }
}

/// Slots can have learning rates and weight decays of their own, whatever the rule.
TYPED_TEST(Devices, HeedTheFactorsOfSlots) {
  for (const std::string_view rule : update_rule_names()) {
    NetworkSpec spec = network_with({.batch_norm = true}, {6, 7, 5, 3}, "tanh", "log_loss");
    const Problem<TypeParam> plain(spec, 53, true);
    spec.set_factors("coefs", 0.5, 3.0);
    spec.set_factors("intercepts", 2.0, 1.0);
    spec.set_factors("gamma", 0.0, 1.0);
    SCOPED_TRACE(rule);
    const Problem<TypeParam> problem(spec, 53, true);
    if (!takes_signs(rule)) expect_conforms<TypeParam>(problem, rule);
    const auto moved = made_on("cpu", problem, rule).parameters;
    EXPECT_NE(moved, made_on("cpu", plain, rule).parameters);
    for (const Slot& slot : spec.nodes()[2].slots) {
      if (slot.name != "gamma") continue;
      for (std::size_t i = 0; i < slot.size; ++i) EXPECT_EQ(moved[slot.offset + i], 1.0);
    }
  }
}

/// l1, clip_value, clip_norm and max_norm alone and all at once.
const std::vector<Restraints> kRestraints = {
    {.l1 = 0.9},
    {.clip_value = 0.01},
    {.clip_norm = 0.1},
    {.max_norm = 0.4},
    {0.9, 0.01, 0.05, 0.4},
    {.clip_value = 1e6, .clip_norm = 1e6, .max_norm = 1e6}};

std::string described(const Restraints& r) {
  return "l1 " + std::to_string(r.l1) + ", clip_value " + std::to_string(r.clip_value) +
         ", clip_norm " + std::to_string(r.clip_norm) + ", max_norm " + std::to_string(r.max_norm);
}

/// Networks of a block, and (of 600 units) of the whole device.
TYPED_TEST(Devices, HeedRestraintsInSteps) {
  for (const Restraints& restraints : kRestraints) {
    for (const std::string_view rule : update_rule_names()) {
      for (const std::size_t units : {7u, 600u}) {
        if (units > 7 && takes_signs(rule)) continue;
        SCOPED_TRACE(testing::Message() << described(restraints) << ", " << rule << ", " << units);
        Problem<TypeParam> problem({6, units, 5, 3}, "tanh", "log_loss", 53, true);
        const auto plain = made_on("cpu", problem, rule).parameters;
        problem.restraints = restraints;
        expect_conforms<TypeParam>(problem, rule);
        const auto own = made_on("cpu", problem, rule).parameters;
        if (restraints.max_norm > 1e5) {
          EXPECT_TRUE(test::close(own, plain, std::is_same_v<TypeParam, double> ? 1e-9 : 1e-3));
        } else if (!takes_signs(rule)) {
          EXPECT_NE(own, plain);
        }
      }
    }
  }
}

TYPED_TEST(Devices, LeaveFrozenLayersToThemselves) {
  for (const Restraints& restraints : kRestraints) {
    NetworkSpec spec = network_with({.batch_norm = true}, {6, 600, 5, 3}, "tanh", "log_loss");
    const int frozen[] = {1};
    spec.freeze(frozen);
    Problem<TypeParam> problem(spec, 53, true);
    problem.restraints = restraints;
    SCOPED_TRACE(described(restraints));
    expect_conforms<TypeParam>(problem, "sgd");
    const auto start = in_double(problem.start());
    for (const std::string_view device : test::devices()) {
      const auto w = made_on(device, problem, "sgd").parameters;
      const LayerPlace& layer = spec.layers()[1];
      for (std::size_t i = layer.coef; i < layer.coef + layer.inputs * layer.outputs; ++i) {
        ASSERT_EQ(w[i], start[i]) << device;
      }
    }
  }
}

/// The same weights, to the last one.
TYPED_TEST(Devices, AgreeAboutExactZeros) {
  for (const std::size_t units : {7u, 600u}) {
    Problem<TypeParam> problem({6, units, 5, 3}, "tanh", "log_loss", 53, true);
    problem.restraints.l1 = 0.9;
    const auto zeros = [&](std::string_view device) {
      std::vector<bool> are_zero;
      for (const double w : made_on(device, problem, "sgd").parameters) {
        are_zero.push_back(w == 0.0);
      }
      return are_zero;
    };
    const auto expected = zeros("reference");
    const auto start = problem.start();
    EXPECT_GT(std::ranges::count(expected, true), std::ranges::count(start, TypeParam(0)) / 2);
    for (const std::string_view device : test::devices())
      EXPECT_EQ(zeros(device), expected) << device;
    std::size_t n_new = 0;
    for (std::size_t i = 0; i < start.size(); ++i) n_new += expected[i] && start[i] != 0;
    EXPECT_GT(n_new, 0U);
  }
}

TYPED_TEST(Devices, ComputeLayersOfEverySizeInTraining) {
  for (const HiddenLayerOptions& options : hidden_layers(2)) {
    for (const std::size_t units : {1u, 31u, 33u, 257u}) {
      for (const std::size_t rows : {1u, 31u, 33u, 257u}) {
        SCOPED_TRACE(testing::Message()
                     << described(options) << ", " << units << " units, " << rows << " rows");
        expect_conforms<TypeParam>(
            {network_with(options, {3, units, units, 1}, "tanh", "huber"), rows, false}, "sgd");
      }
    }
  }
}

/// Its sums go by blocks of rows, of which such a network makes something else. What is declined is
/// an error, and no wrong gradient.
TEST(Cpu, DeclinesWholeGradientsOfNetworksThatDifferInTraining) {
  for (const std::string_view device : {std::string_view("cpu"), test::kPlugin}) {
    for (const HiddenLayerOptions& options : hidden_layers(2)) {
      SCOPED_TRACE(testing::Message() << device << ", " << described(options));
      const Problem<double> problem(network_with(options, {3, 4, 4, 1}, "tanh", "huber"), 20,
                                    false);
      const auto engine = test::engine_of(device);
      const ModelId model = problem.open(*engine, "sgd", 20);
      auto w = problem.start();
      w.resize(problem.spec.n_trained());
      std::vector<double> gradient(w.size());
      const auto ask = [&] { test::loss_and_gradient(*engine, model, w, gradient); };
      if (problem.spec.differs_in_training()) {
        EXPECT_THROW(ask(), std::logic_error);
      } else {
        EXPECT_NO_THROW(ask());
      }
    }
  }
}

TYPED_TEST(Devices, ComputeLayersAndBatchesOfEverySize) {
  for (const std::size_t units : {1u, 31u, 33u, 257u}) {
    for (const std::size_t rows : {1u, 31u, 33u, 257u}) {
      SCOPED_TRACE(testing::Message() << units << " units, " << rows << " rows");
      for (const std::size_t features : {1u, 33u}) {
        expect_conforms<TypeParam>({{features, units, 3}, "tanh", "log_loss", rows}, "adam");
        expect_conforms<TypeParam>({{features, units, units, 1}, "relu", "squared_error", rows},
                                   "sgd");
      }
      expect_conforms<TypeParam>({{units, 3}, "relu", "huber", rows}, "adam");
    }
  }
}

TYPED_TEST(Devices, KeepNaN) {
  for (const Activation& activation : kActivations) {
    for (const Loss& loss : kLosses) {
      SCOPED_TRACE(testing::Message() << activation.name << ", " << loss.name);
      Problem<TypeParam> problem({6, 7, n_outputs_of(loss)}, activation.name, loss.name, 20);
      problem.x(3, 2) = std::numeric_limits<TypeParam>::quiet_NaN();
      for (const std::string_view device : test::devices()) {
        const auto engine = test::engine_of(device);
        const ModelId model = problem.open(*engine, "sgd", 20);
        const auto w = in_double(problem.start());
        std::vector<double> gradient(w.size());
        EXPECT_TRUE(std::isnan(test::loss_and_gradient(*engine, model, w, gradient))) << device;
        EXPECT_TRUE(std::isnan(gradient.back())) << device;
      }
    }
  }
}

/// Training that has gone back to a state goes on as if nothing had been, with moments and steps.
TYPED_TEST(Devices, GoBackToStates) {
  for (const std::string_view rule : {"adam", "nadam", "sgd", "gd"}) {
    for (const std::size_t units : {7u, 600u}) {
      const Problem<TypeParam> problem({6, units, 3}, "tanh", "log_loss", 20);
      for (const std::string_view device : test::devices()) {
        SCOPED_TRACE(testing::Message() << device << ", " << rule << ", " << units);
        const auto engine = test::engine_of(device);
        const ModelId model = problem.open(*engine, rule, 5);
        std::vector<RowIndex> order(20);
        std::iota(order.begin(), order.end(), RowIndex{0});
        const auto train = [&] {
          EpochLoss loss;
          test::train_one(*engine, {model, order, 5, 0, 4, 0.01}, loss);
          return std::get<ModelState<TypeParam>>(engine->read_state(model));
        };
        const auto first = train();
        const auto second = train();
        EXPECT_FALSE(test::same_bits(first.parameters, second.parameters));
        engine->write_state(model, first);
        const auto again = train();
        EXPECT_TRUE(test::same_bits(again.parameters, second.parameters));
        EXPECT_TRUE(test::same_bits(again.optimiser.moments, second.optimiser.moments));
        EXPECT_EQ(again.optimiser.n_steps, 8);
        const auto closed = test::close_one<TypeParam>(*engine, model);
        EXPECT_TRUE(test::same_bits(closed.parameters, second.parameters));
      }
    }
  }
}

template <class T>
std::vector<double> outputs_on(std::string_view device, const Problem<T>& problem) {
  const auto engine = test::engine_of(device);
  const ModelId model = problem.open(*engine, "sgd", problem.x.rows());
  return test::outputs_of(*engine, model, problem.x).values();
}

/// Rows with infinite features have the same outputs everywhere: limits, infinities or NaN.
TYPED_TEST(Devices, AgreeAboutInfinities) {
  constexpr auto infinity = std::numeric_limits<TypeParam>::infinity();
  const double tolerance = std::is_same_v<TypeParam, double> ? 1e-9 : 4e-3;
  for (const Activation& activation : kActivations) {
    for (const Loss& loss : kLosses) {
      SCOPED_TRACE(testing::Message() << activation.name << ", " << loss.name);
      Problem<TypeParam> problem({6, 7, n_outputs_of(loss)}, activation.name, loss.name, 20);
      problem.x(3, 2) = infinity;
      problem.x(7, 0) = -infinity;
      const auto expected = outputs_on("reference", problem);
      for (const std::string_view device : test::devices()) {
        EXPECT_TRUE(test::close(outputs_on(device, problem), expected, tolerance)) << device;
      }
    }
  }
}

/// The reported loss averages the squared error over the outputs, its gradient does not, as in
/// scikit-learn: with one output they agree.
TEST(Reference, GradientsAreCentralDifferences) {
  for (const Activation& activation : kActivations) {
    for (const Loss& loss : kLosses) {
      SCOPED_TRACE(testing::Message() << activation.name << ", " << loss.name);
      const std::size_t outputs = loss.reduction == Reduction::mean ? 1 : n_outputs_of(loss);
      test::expect_central_differences({{4, 5, 3, outputs}, activation.name, loss.name, 9, true});
    }
  }
}

TEST(Reference, GradientsWithL1AreCentralDifferences) {
  Problem<double> problem({4, 5, 3, 3}, "tanh", "log_loss", 9, true);
  // Away from 0, where there is no derivative.
  problem.has_zeros = false;
  problem.restraints = {.l1 = 0.7, .clip_value = 1e-3, .clip_norm = 1e-3, .max_norm = 1e-3};
  test::expect_central_differences(problem);
}

TEST(Reference, GradientsOfEveryLayerAreCentralDifferences) {
  for (const HiddenLayerOptions& options : hidden_layers(3)) {
    for (const std::string_view activation : {"tanh", "gelu", "selu", "maxout(3)"}) {
      SCOPED_TRACE(testing::Message() << described(options) << ", " << activation);
      test::expect_central_differences(
          {network_with(options, {4, 5, 5, 5, 3}, activation, "log_loss"), 9, true});
    }
  }
}

}  // namespace
}  // namespace skarma
