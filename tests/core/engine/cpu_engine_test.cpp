#include <skarma/core/engine/cpu_engine.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include <gtest/gtest.h>

#include <skarma/core/net/column_block.hpp>
#include <skarma/core/net/predict.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/finite_differences.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

using test::close;
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

  ModelId open(Engine<double>& engine) const {
    ModelState<double> state{test::initial_parameters(spec, seed),
                             start_optimiser<double>(rule, spec.n_parameters())};
    return engine.open({spec, alpha, kSamples}, engine.hold(x), y, std::move(state));
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
  const auto whole = make_cpu_engine<double>(), cut = make_cpu_engine<double>();
  const ModelId a = example.open(*whole), b = example.open(*cut);
  constexpr std::size_t batches = 6;  // of 10 rows, the last one of 3
  EpochLoss once, in_parts;
  const EpochRange all{a, order, 10, 0, batches, 0.01};
  whole->train(std::span(&all, 1), std::span(&once, 1));
  for (const auto& [first, end] : {std::pair{0u, 1u}, {1u, 4u}, {4u, 4u}, {4u, 6u}}) {
    const EpochRange part{b, order, 10, first, end, 0.01};
    cut->train(std::span(&part, 1), std::span(&in_parts, 1));
  }
  EXPECT_EQ(test::bits(once.loss_sum), test::bits(in_parts.loss_sum));
  expect_same_state(whole->save(a), cut->save(b));
  EXPECT_EQ(whole->save(a).optimiser.n_steps, 6);
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
      const auto engine = make_cpu_engine<double>(n_threads);
      const ModelId model =
          engine->open({example->spec, example->alpha, 200}, engine->hold(example->x), example->y,
                       {test::initial_parameters(example->spec, 3),
                        start_optimiser<double>(example->rule, example->spec.n_parameters())});
      const EpochRange range{model, order, 200, 0, 2, 0.01};
      EpochLoss loss;
      engine->train(std::span(&range, 1), std::span(&loss, 1));
      states.push_back(engine->save(model));
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
  const auto engine = make_cpu_engine<double>(n_threads);
  const ModelId model =
      engine->open({example.spec, example.alpha, 200}, engine->hold(x), example.y,
                   {test::initial_parameters(example.spec, 3),
                    start_optimiser<double>(example.rule, example.spec.n_parameters())});
  auto order = RandomState(7).permutation(x.n_samples());
  for (int epoch = 0; epoch < 2; ++epoch) {
    const EpochRange range{model, order, 200, 0, 2, 0.01};
    EpochLoss loss;
    engine->train(std::span(&range, 1), std::span(&loss, 1));
    std::ranges::reverse(order);
  }
  return engine->save(model);
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
  const auto together = make_cpu_engine<double>();
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
    const auto alone = make_cpu_engine<double>();
    EpochRange range = ranges[i];
    range.model = example.open(*alone);
    EpochLoss loss;
    alone->train(std::span(&range, 1), std::span(&loss, 1));
    EXPECT_EQ(test::bits(loss.loss_sum), test::bits(losses[i].loss_sum));
    expect_same_state(alone->save(range.model), together->save(models[i]));
  }
}

/// The penalised mean loss at all samples, by the formulas of scikit-learn.
TEST(CpuEngine, LossAndGradientArePenalisedMeans) {
  for (const bool weighted : {false, true}) {
    Example example;
    example.y = test::random_targets(example.spec, kSamples, 2, weighted);
    const auto engine = make_cpu_engine<double>();
    const ModelId model = example.open(*engine);
    const auto w = test::random_numbers(example.spec.n_parameters(), 5);
    std::vector<double> gradient(w.size()), unused(w.size());
    const double loss = engine->loss_and_gradient(model, w, gradient, {});
    EXPECT_TRUE(close(gradient,
                      test::central_differences(
                          [&](const std::vector<double>& at) {
                            return engine->loss_and_gradient(model, at, unused, {});
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
  const auto engine = make_cpu_engine<double>();
  const ModelState<double> state{test::initial_parameters(example.spec, 3), {}};
  const DataId chosen = engine->hold(SampleView(example.x).rows(rows));
  const ModelId a = example.open(*engine);
  const ModelId b = engine->open({example.spec, example.alpha, kSamples}, chosen, example.y, state);
  std::vector<double> ga(state.parameters.size()), gb(ga.size());
  EXPECT_EQ(engine->loss_and_gradient(a, state.parameters, ga, {}),
            engine->loss_and_gradient(b, state.parameters, gb, {}));
  EXPECT_TRUE(same_bits(ga, gb));
}

TEST(CpuEngine, EvaluateIsAForwardPassOfTheCurrentParameters) {
  const Example example;
  const auto engine = make_cpu_engine<double>();
  const ModelId model = example.open(*engine);
  const auto other = test::random_matrix(9, 4, 8);
  const DataId held = engine->hold(other);
  const auto w = test::random_numbers(example.spec.n_parameters(), 5);
  engine->write(model, w);
  EXPECT_TRUE(same_bits(engine->save(model).parameters, w));
  EXPECT_EQ(engine->evaluate(model, held, {}), predict_outputs<double>(example.spec, w, other));
}

/// scikit-learn raises ZeroDivisionError in these words.
TEST(CpuEngine, ABatchWhoseWeightsSumToZeroIsAnError) {
  Example example;
  example.y.weights.assign(kSamples, 1.0);
  example.y.weights[50] = example.y.weights[51] = example.y.weights[52] = 0.0;
  const auto engine = make_cpu_engine<double>();
  const ModelId model = example.open(*engine);
  std::vector<RowIndex> order(kSamples);
  std::iota(order.begin(), order.end(), RowIndex{0});
  const EpochRange range{model, order, 10, 0, 6, 0.01};
  EpochLoss loss;
  EXPECT_THROW_WITH(engine->train(std::span(&range, 1), std::span(&loss, 1)), std::domain_error,
                    "Weights sum to zero, can't be normalized");
}

TEST(CpuEngine, AFloat32ModelRoundsTheParametersItIsAskedAbout) {
  const Example example;
  const auto engine = make_cpu_engine<float>();
  const auto x = test::random_matrix<float>(kSamples, 4, 1);
  const ModelId model =
      engine->open({example.spec, 0.3, kSamples}, engine->hold(x), {example.y.codes, {}, {}, 3},
                   {test::initial_parameters<float>(example.spec, 3), {}});
  const auto w = test::random_numbers(example.spec.n_parameters(), 5);
  std::vector<double> rounded, ga(w.size()), gb(w.size());
  for (const double v : w) rounded.push_back(static_cast<float>(v));
  EXPECT_EQ(engine->loss_and_gradient(model, w, ga, {}),
            engine->loss_and_gradient(model, rounded, gb, {}));
  EXPECT_TRUE(same_bits(ga, gb));
}

}  // namespace
}  // namespace skarma
