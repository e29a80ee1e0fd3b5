#include <skarma/core/cpu/cpu_engine.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include <gtest/gtest.h>

#include <skarma/core/cpu/input/column_block.hpp>
#include <skarma/core/cpu/predict.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/finite_differences.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/one_model.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

using test::close;
using test::close_one;
using test::same_bits;

constexpr std::size_t kSamples = 53;

/// A model with everything that it needs, ready to be opened.
struct Example {
  NetworkSpec spec = test::network({4, 6, 3}, "tanh", "log_loss");
  Matrix<double> x = test::random_matrix(kSamples, 4, 1);
  Targets<double> y = test::random_targets(spec, kSamples, 2);
  UpdateRule rule{};
  double alpha = 0.3;
  std::uint32_t seed = 3;

  ModelState<double> start() const {
    return {test::initial_parameters(spec, seed),
            start_optimiser<double>(rule, spec.n_parameters())};
  }
  ModelId open(Engine& engine) const { return open_on(engine, x, kSamples); }
  ModelId open_on(Engine& engine, const SampleView& samples, std::size_t batch) const {
    return test::open_one(engine, {spec, alpha, batch, engine.hold(samples), y, start()});
  }
};

std::vector<RowIndex> shuffled_order() { return RandomState(7).permutation(kSamples); }

void expect_same_state(const ModelState<double>& a, const ModelState<double>& b) {
  EXPECT_TRUE(same_bits(a.parameters, b.parameters));
  EXPECT_TRUE(same_bits(a.optimiser.moments, b.optimiser.moments));
  EXPECT_EQ(a.optimiser.n_steps, b.optimiser.n_steps);
}

TEST(CpuEngine, AnEpochInRangesIsBitEqualToOne) {
  const Example example;
  const auto order = shuffled_order();
  const auto whole = make_cpu_engine(), cut = make_cpu_engine();
  const ModelId a = example.open(*whole), b = example.open(*cut);
  constexpr std::size_t batches = 6;  // of 10 rows, the last one of 3
  EpochLoss once, in_parts;
  const EpochRange all{a, order, 10, 0, batches, 0.01};
  test::train_one(*whole, all, once);
  for (const auto& [first, end] : {std::pair{0u, 1u}, {1u, 4u}, {4u, 4u}, {4u, 6u}}) {
    const EpochRange part{b, order, 10, first, end, 0.01};
    test::train_one(*cut, part, in_parts);
  }
  EXPECT_EQ(test::bits(once.loss_sum), test::bits(in_parts.loss_sum));
  const auto state = close_one(*whole, a);
  expect_same_state(state, close_one(*cut, b));
  EXPECT_EQ(state.optimiser.n_steps, 6);
}

/// Networks large enough that every kind of work is shared.
TEST(CpuEngine, ThreadsChangeNoBit) {
  Example wide, deep;
  wide.spec = test::network({784, 100, 3}, "relu", "log_loss");
  deep.spec = test::network({100, 256, 256, 1}, "tanh", "squared_error");
  for (Example* example : {&wide, &deep}) {
    constexpr std::size_t n = 400;
    example->x = test::random_matrix(n, example->spec.n_inputs(), 1);
    example->y = test::random_targets(example->spec, n, 2, true);
    const auto order = RandomState(7).permutation(n);
    std::vector<ModelState<double>> states;
    std::vector<double> losses;
    for (const int n_threads : {1, 2, 4}) {
      const auto engine = make_cpu_engine(n_threads);
      const ModelId model = example->open_on(*engine, example->x, 200);
      const EpochRange range{model, order, 200, 0, 2, 0.01};
      EpochLoss loss;
      test::train_one(*engine, range, loss);
      states.push_back(close_one(*engine, model));
      losses.push_back(loss.loss_sum);
    }
    for (std::size_t i = 1; i < states.size(); ++i) {
      expect_same_state(states[i], states[0]);
      EXPECT_EQ(test::bits(losses[i]), test::bits(losses[0]));
    }
  }
}

/// Two epochs of adam, the second from behind.
ModelState<double> after_two_epochs(const Example& example, const SampleView& x, int n_threads) {
  const auto engine = make_cpu_engine(n_threads);
  const ModelId model = example.open_on(*engine, x, 200);
  auto order = RandomState(7).permutation(x.n_samples());
  for (int epoch = 0; epoch < 2; ++epoch) {
    const EpochRange range{model, order, 200, 0, 2, 0.01};
    EpochLoss loss;
    test::train_one(*engine, range, loss);
    std::ranges::reverse(order);
  }
  return close_one(*engine, model);
}

TEST(CpuEngine, ZerosThatAreLeftOutAndThreadsChangeNoBit) {
  Example example;
  example.spec = test::network({400, 20, 3}, "relu", "log_loss");
  const auto x = test::sparse_matrix(300, 400, 0.05, 1).dense;
  example.y = test::random_targets(example.spec, 300, 2, true);
  ASSERT_EQ(column_block<double>(x, 20), 1u);
  const auto scaled_by_one =
      std::make_shared<ColumnTransform>(ColumnTransform{ColumnTransform::Kind::standardise,
                                                        std::vector<double>(400, 0.0),
                                                        std::vector<double>(400, 1.0),
                                                        {}});
  const auto expected = after_two_epochs(example, SampleView(x).transformed(scaled_by_one), 1);
  for (const int n_threads : {1, 2, 4}) {
    expect_same_state(after_two_epochs(example, x, n_threads), expected);
  }
}

TEST(CpuEngine, AModelInAGroupIsBitEqualToAlone) {
  Example first, second;
  second.spec = test::network({4, 9, 1}, "relu", "squared_error");
  second.y = test::random_targets(second.spec, kSamples, 9, true);
  second.rule = {.name = "sgd"};
  second.seed = 11;
  const auto order = shuffled_order();
  const auto together = make_cpu_engine();
  std::vector<ModelId> models;
  std::vector<EpochRange> ranges;
  std::vector<EpochLoss> losses(2);
  for (const Example* example : {&first, &second}) {
    models.push_back(example->open(*together));
    ranges.push_back({models.back(), order, 8, 0, 7, 0.02});
  }
  together->train(ranges, losses);
  for (std::size_t i = 0; i < 2; ++i) {
    const Example& example = i == 0 ? first : second;
    const auto alone = make_cpu_engine();
    EpochRange range = ranges[i];
    range.model = example.open(*alone);
    EpochLoss loss;
    test::train_one(*alone, range, loss);
    EXPECT_EQ(test::bits(loss.loss_sum), test::bits(losses[i].loss_sum));
    expect_same_state(close_one(*alone, range.model), close_one(*together, models[i]));
  }
}

/// The penalised mean loss at all samples, by the formulas of scikit-learn.
TEST(CpuEngine, LossAndGradientArePenalisedMeans) {
  for (const bool weighted : {false, true}) {
    Example example;
    example.y = test::random_targets(example.spec, kSamples, 2, weighted);
    const auto engine = make_cpu_engine();
    const ModelId model = example.open(*engine);
    const auto w = test::random_numbers(example.spec.n_parameters(), 5);
    std::vector<double> gradient(w.size()), unused(w.size());
    const double loss = test::loss_and_gradient(*engine, model, w, gradient);
    EXPECT_TRUE(close(gradient,
                      test::central_differences(
                          [&](const std::vector<double>& at) {
                            return test::loss_and_gradient(*engine, model, at, unused);
                          },
                          w),
                      1e-8));

    const auto p = predict_outputs<double>(example.spec, w, example.x);
    double sum = 0, weights = 0, squares = 0;
    for (std::size_t i = 0; i < kSamples; ++i) {
      const double weight = weighted ? example.y.weights[i] : 1.0;
      sum -= weight * std::log(p(i, static_cast<std::size_t>(example.y.codes[i])));
      weights += weight;
    }
    for (std::size_t i = 0; i < example.spec.n_coefs(); ++i) squares += w[i] * w[i];
    EXPECT_TRUE(close(loss, (sum + 0.5 * example.alpha * squares) / weights, 1e-13));
  }
}

TEST(CpuEngine, TheWayOfStoringSamplesIsNotSeen) {
  const Example example;
  std::vector<RowIndex> rows(kSamples);
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  const auto engine = make_cpu_engine();
  const auto w = example.start().parameters;
  const ModelId a = example.open(*engine);
  const ModelId b = example.open_on(*engine, SampleView(example.x).rows(rows), kSamples);
  std::vector<double> ga(w.size()), gb(w.size());
  EXPECT_EQ(test::loss_and_gradient(*engine, a, w, ga), test::loss_and_gradient(*engine, b, w, gb));
  EXPECT_TRUE(same_bits(ga, gb));
}

TEST(CpuEngine, EvaluateIsAForwardPassOfTheCurrentParameters) {
  const Example example;
  const auto engine = make_cpu_engine();
  const ModelId model = example.open(*engine);
  const auto order = shuffled_order();
  EpochLoss loss;
  test::train_one(*engine, {model, order, 10, 0, 6, 0.01}, loss);
  const auto other = test::random_matrix(9, 4, 8);
  const auto outputs = test::outputs_of(*engine, model, other);
  const auto w = close_one(*engine, model).parameters;
  EXPECT_EQ(outputs, predict_outputs<double>(example.spec, w, other));
  EXPECT_EQ(engine->predict({example.spec, std::span<const double>(w), other}), outputs);
}

/// scikit-learn raises ZeroDivisionError in these words.
TEST(CpuEngine, ABatchWhoseWeightsSumToZeroIsAnError) {
  Example example;
  example.y.weights.assign(kSamples, 1.0);
  example.y.weights[50] = example.y.weights[51] = example.y.weights[52] = 0.0;
  const auto engine = make_cpu_engine();
  const ModelId model = example.open(*engine);
  std::vector<RowIndex> order(kSamples);
  std::iota(order.begin(), order.end(), RowIndex{0});
  const EpochRange range{model, order, 10, 0, 6, 0.01};
  EpochLoss loss;
  EXPECT_THROW_WITH(test::train_one(*engine, range, loss), std::domain_error,
                    "Weights sum to zero, can't be normalized");
}

TEST(CpuEngine, AFloat32ModelRoundsTheParametersItIsAskedAbout) {
  const Example example;
  const auto engine = make_cpu_engine();
  const auto x = test::random_matrix<float>(kSamples, 4, 1);
  const ModelId model = test::open_one(
      *engine, {example.spec, 0.3, kSamples, engine->hold(x), example.y,
                ModelState<float>{test::initial_parameters<float>(example.spec, 3), {}}});
  const auto w = test::random_numbers(example.spec.n_parameters(), 5);
  std::vector<double> rounded, ga(w.size()), gb(w.size());
  for (const double v : w) rounded.push_back(static_cast<float>(v));
  EXPECT_EQ(test::loss_and_gradient(*engine, model, w, ga),
            test::loss_and_gradient(*engine, model, rounded, gb));
  EXPECT_TRUE(same_bits(ga, gb));
}

}  // namespace
}  // namespace skarma
