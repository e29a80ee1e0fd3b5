#include <skarma/core/train/training_run.hpp>

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/cpu_engine.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/special_values.hpp>

namespace skarma {
namespace {

using test::same_bits;

using test::kInfinity;
using test::kNaN;

/// An engine without a network: each epoch has the loss and the validation score that a test wants,
/// and sets the only parameter to the number of the epoch. It records the order of the rows.
class ScriptedEngine final : public Engine<double> {
 public:
  std::vector<double> losses;  // per sample, one an epoch; the last one is repeated
  std::vector<std::vector<RowIndex>> orders;
  std::vector<double> rates;
  double parameter = 0.0;
  std::size_t last_batch = 0;
  std::size_t cancelled_evaluation = 0;  // that of this epoch
  std::function<void(std::size_t end_batch)> on_train;

  DataId hold(const SampleView&) override { return {}; }
  void release(DataId) override {}
  ModelId open(const ModelSetup&, DataId, Targets<double>, ModelState<double>) override {
    return {};
  }
  void close(ModelId) override {}
  void train(std::span<const EpochRange> group, std::span<EpochLoss> results) override {
    last_batch = group[0].end_batch;
    if (on_train) on_train(last_batch);
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (group[i].first_batch == 0) begin_epoch(group[i]);
      for (std::size_t b = group[i].first_batch; b < group[i].end_batch; ++b) {
        const std::size_t rows =
            std::min(group[i].batch_size, group[i].order.size() - b * group[i].batch_size);
        results[i].loss_sum += loss() * static_cast<double>(rows);
      }
    }
  }
  Matrix<double> evaluate(ModelId, DataId, const std::stop_token&) override {
    if (orders.size() == cancelled_evaluation) throw Cancelled("stopped");
    return {1, 1, {parameter}};
  }
  double loss_and_gradient(ModelId, std::span<const double>, std::span<double>,
                           const std::stop_token&) override {
    return 0.0;
  }
  ModelState<double> save(ModelId) const override { return {{parameter}, {}}; }
  void restore(ModelId, const ModelState<double>& state) override {
    parameter = state.parameters[0];
  }
  void read(ModelId, std::span<double> p) const override { p[0] = parameter; }
  void write(ModelId, std::span<const double> p) override { parameter = p[0]; }

 private:
  void begin_epoch(const EpochRange& range) {
    orders.emplace_back(range.order.begin(), range.order.end());
    rates.push_back(range.rate);
    parameter = static_cast<double>(orders.size());
  }
  double loss() const { return losses[std::min(orders.size(), losses.size()) - 1]; }
};

/// A run on a scripted engine: `losses` one an epoch, or validation scores one an epoch.
struct Scripted {
  ScriptedEngine engine;
  RandomState random_state{1};
  std::vector<double> scores;
  TrainingRun<double> run{
      .n_samples = 20,
      .settings = {.batch_size = 5, .max_iter = 12, .tol = 0.1, .n_iter_no_change = 2},
      .random_state = &random_state};

  static Scripted with_losses(std::vector<double> losses) {
    Scripted s;
    s.engine.losses = std::move(losses);
    s.run.history.best_loss = kInfinity;
    return s;
  }

  /// Initial parameters are 0.
  static Scripted with_scores(std::vector<double> scores) {
    Scripted s;
    s.engine.losses = {1.0};
    s.scores = std::move(scores);
    s.run.history.validation_scores.emplace();
    s.run.history.best_validation_score = -kInfinity;
    s.run.best_parameters = {0.0};
    return s;
  }

  const TrainingHistory& go() {
    run.random_state = &random_state;
    if (!scores.empty()) {
      run.validation = Validation<double>{{}, [this](const Matrix<double>& outputs) {
                                            const auto epoch =
                                                static_cast<std::size_t>(outputs(0, 0));
                                            return scores[std::min(epoch, scores.size()) - 1];
                                          }};
    }
    train<double>(engine, std::span(&run, 1));
    return run.history;
  }
};

// ---- stopping (spec 2.8) ----------------------------------------------------------------------

TEST(TrainingLoop, StopsAfterMoreStalledEpochsThanNIterNoChange) {
  auto s = Scripted::with_losses({1.0});
  EXPECT_EQ(s.go().n_iter, 4);  // the first epoch improves on infinity, then 3 stall: count 3 > 2
  EXPECT_EQ(s.run.stop_reason, StopReason::converged);
}

TEST(TrainingLoop, AnImprovementBelowTolStallsButIsTheNewBest) {
  auto s = Scripted::with_losses({1.0, 0.95, 0.9, 0.85, 0.1});
  EXPECT_EQ(s.go().n_iter, 4);  // each is within tol of the best so far
  EXPECT_EQ(s.run.history.best_loss, 0.85);
}

TEST(TrainingLoop, ExactlyTolIsAnImprovement) {
  auto s = Scripted::with_losses({1.0, 0.5, 0.0});
  s.run.settings.tol = 0.5;  // loss > best - tol is false at equality
  s.go();
  EXPECT_EQ(s.run.history.n_iter, 6);
}

TEST(TrainingLoop, TheBestLossCountsNotThePreviousOne) {
  auto s = Scripted::with_losses({1.0, 3.0, 2.0, 1.5, 0.0});
  EXPECT_EQ(s.go().n_iter, 4);
}

TEST(TrainingLoop, ANaNLossResetsTheStallCount) {
  auto s = Scripted::with_losses({1.0, 1.0, 1.0, kNaN, 1.0, 1.0, 1.0, 1.0});
  EXPECT_EQ(s.go().n_iter, 7);
  EXPECT_EQ(s.run.history.best_loss, 1.0);
  auto always = Scripted::with_losses({kNaN});
  EXPECT_EQ(always.go().n_iter, 12);
  EXPECT_EQ(always.run.stop_reason, StopReason::max_iter);
  EXPECT_EQ(always.run.history.best_loss, kInfinity);
}

TEST(TrainingLoop, InfinitePatienceRunsToTheEnd) {
  auto s = Scripted::with_losses({1.0});
  s.run.settings.n_iter_no_change = kInfinity;
  EXPECT_EQ(s.go().n_iter, 12);
  EXPECT_EQ(s.run.stop_reason, StopReason::max_iter);
}

TEST(TrainingLoop, StoppingComesBeforeMaxIter) {
  auto s = Scripted::with_losses({1.0});
  s.run.settings.max_iter = 4;
  s.go();
  EXPECT_EQ(s.run.stop_reason, StopReason::converged);
}

TEST(TrainingLoop, AWarmStartGoesOnCounting) {
  auto s = Scripted::with_losses({1.0});
  s.run.history.best_loss = 1.0;
  s.run.history.no_improvement_count = 2;
  s.run.history.n_iter = 99;
  s.run.history.t = 40;
  s.run.history.loss_curve = LossCurve({7.0});
  EXPECT_EQ(s.go().n_iter, 1);
  EXPECT_EQ(s.run.history.t, 60);
  EXPECT_EQ(s.run.history.loss_curve.values(), (std::vector<double>{7.0, 1.0}));
}

TEST(TrainingLoop, OneEpochIsOne) {
  auto s = Scripted::with_losses({1.0});
  s.run.settings.one_epoch = true;
  EXPECT_EQ(s.go().n_iter, 1);
  EXPECT_EQ(s.run.stop_reason, StopReason::one_epoch);
}

TEST(TrainingLoop, AdaptiveLowersTheRateInsteadOfStopping) {
  auto s = Scripted::with_losses({1.0});
  s.run.rate = {"adaptive", 0.5};
  std::vector<int> told;
  s.run.control.observer = [&](const EpochReport& report) {
    if (report.lowered_rate) told.push_back(report.n_iter);
    return true;
  };
  EXPECT_EQ(s.go().n_iter, 12);
  EXPECT_EQ(told, (std::vector<int>{4, 7, 10}));
  // The first epoch improves; after every third stalled one the rate is divided by 5.
  const std::vector<double> expected{0.5, 0.5,  0.5,  0.5,  0.1,   0.1,
                                     0.1, 0.02, 0.02, 0.02, 0.004, 0.004};
  EXPECT_TRUE(test::close(s.engine.rates, expected, 1e-15));
}

TEST(TrainingLoop, InvscalingUsesTheSamplesSeen) {
  auto s = Scripted::with_losses({3.0, 2.0, 1.0});
  s.run.settings.max_iter = 3;
  s.run.rate = {"invscaling", 0.5, 0.5};
  s.go();
  EXPECT_TRUE(test::close(s.engine.rates,
                          std::vector<double>{0.5, 0.5 / std::sqrt(21.0), 0.5 / std::sqrt(41.0)},
                          1e-15));
}

// ---- early stopping ---------------------------------------------------------------------------

/// The epoch whose score was not heard leaves no trace but its weights.
TEST(EarlyStopping, AStopRequestInTheMiddleOfAnEvaluationEndsTheRun) {
  auto s = Scripted::with_scores({0.5, 0.6, 0.7, 0.8});
  s.engine.cancelled_evaluation = 3;
  s.go();
  EXPECT_EQ(s.run.stop_reason, StopReason::interrupted);
  EXPECT_EQ(s.run.history.n_iter, 2);
  EXPECT_EQ(s.run.history.loss_curve.size(), 2u);
  EXPECT_EQ(*s.run.history.validation_scores, (std::vector<double>{0.5, 0.6}));
  EXPECT_EQ(s.engine.parameter, 2.0);
}

TEST(EarlyStopping, RestoresTheParametersOfTheBestEpoch) {
  auto s = Scripted::with_scores({0.5, 0.9, 0.8, 0.8, 0.8, 0.8});
  EXPECT_EQ(s.go().n_iter, 5);
  EXPECT_EQ(s.engine.parameter, 2.0);
  EXPECT_EQ(s.run.history.best_validation_score, 0.9);
  EXPECT_EQ(*s.run.history.validation_scores, (std::vector<double>{0.5, 0.9, 0.8, 0.8, 0.8}));
  EXPECT_FALSE(s.run.history.best_loss);
}

TEST(EarlyStopping, AGainBelowTolStallsButIsKept) {
  auto s = Scripted::with_scores({0.5, 0.55, 0.59, 0.58});
  EXPECT_EQ(s.go().n_iter, 4);
  EXPECT_EQ(s.engine.parameter, 3.0);
}

/// As in scikit-learn, where KeyboardInterrupt leads to the best weights as well.
TEST(EarlyStopping, AnInterruptionRestoresTheBestEpochToo) {
  auto s = Scripted::with_scores({0.5, 0.9, 0.8});
  s.run.control.observer = [](const EpochReport& report) { return report.n_iter < 3; };
  s.go();
  EXPECT_EQ(s.run.stop_reason, StopReason::interrupted);
  EXPECT_EQ(s.engine.parameter, 2.0);
}

TEST(EarlyStopping, NaNScoresRunToMaxIterAndRestoreTheInitialParameters) {
  auto s = Scripted::with_scores({kNaN});
  EXPECT_EQ(s.go().n_iter, 12);
  EXPECT_EQ(s.run.stop_reason, StopReason::max_iter);
  EXPECT_EQ(s.engine.parameter, 0.0);
}

/// Spec 2.10: scikit-learn's store of the best weights is overwritten by a warm start.
TEST(EarlyStopping, AWarmStartWithoutABetterEpochKeepsTheLastParameters) {
  auto s = Scripted::with_scores({0.5});
  s.run.history.best_validation_score = 0.9;
  s.run.best_parameters.clear();
  EXPECT_EQ(s.go().n_iter, 3);
  EXPECT_EQ(s.engine.parameter, 3.0);
}

// ---- order of the samples ---------------------------------------------------------------------

TEST(TrainingLoop, PermutationsAccumulate) {
  auto s = Scripted::with_losses({1.0});
  s.run.settings.max_iter = 3;
  s.go();
  RandomState rs(1);
  std::vector<RowIndex> order(20);
  std::iota(order.begin(), order.end(), RowIndex{0});
  for (const auto& used : s.engine.orders) {
    rs.shuffle(std::span(order));
    EXPECT_EQ(used, order);
  }
  EXPECT_EQ(rs.state(), s.random_state.state());
}

TEST(TrainingLoop, WithoutShuffleNothingIsDrawn) {
  auto s = Scripted::with_losses({1.0});
  s.run.settings.shuffle = false;
  s.go();
  std::vector<RowIndex> order(20);
  std::iota(order.begin(), order.end(), RowIndex{0});
  for (const auto& used : s.engine.orders) EXPECT_EQ(used, order);
  EXPECT_EQ(s.random_state.state(), RandomState(1).state());
}

TEST(TrainingLoop, TheLossIsAMeanOverRowsEvenWithAShortLastBatch) {
  auto s = Scripted::with_losses({0.7});
  s.run.n_samples = 18;
  s.go();
  EXPECT_NEAR(s.run.history.loss, 0.7, 1e-15);
  EXPECT_EQ(s.run.history.t, 4 * 18);
}

// ---- watching and stopping --------------------------------------------------------------------

TEST(TrainingLoop, TheObserverSeesEveryEpochAndMayEndTheFit) {
  auto s = Scripted::with_scores({0.1, 0.4, 0.7});
  std::vector<EpochReport> reports;
  s.run.control.observer = [&](const EpochReport& report) {
    reports.push_back(report);
    return report.n_iter < 3;
  };
  EXPECT_EQ(s.go().n_iter, 3);
  EXPECT_EQ(s.run.stop_reason, StopReason::interrupted);
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(reports[1].n_iter, 2);
  EXPECT_EQ(reports[1].loss, 1.0);
  EXPECT_EQ(reports[2].validation_score, 0.7);
}

TEST(TrainingLoop, AStopRequestEndsAnEpochWithinAFewBatches) {
  auto s = Scripted::with_losses({1.0});
  std::stop_source source;
  s.run.n_samples = 1000000;  // an epoch of 200000 batches
  s.run.control.stop = source.get_token();
  s.engine.on_train = [&](std::size_t end_batch) {
    if (end_batch > 100) source.request_stop();
  };
  EXPECT_EQ(s.go().n_iter, 0);
  EXPECT_EQ(s.run.stop_reason, StopReason::interrupted);
  EXPECT_LT(s.engine.last_batch, 1000u);
}

TEST(TrainingLoop, AStopRequestBeforeTheFitTrainsNothing) {
  auto s = Scripted::with_losses({1.0});
  std::stop_source source;
  source.request_stop();
  s.run.control.stop = source.get_token();
  EXPECT_EQ(s.go().n_iter, 0);
  EXPECT_EQ(s.engine.last_batch, 0u);
}

// ---- on the real engine -----------------------------------------------------------------------

constexpr std::size_t kSamples = 61;

/// One model of a group, different for each number.
struct Member {
  explicit Member(std::uint32_t number)
      : spec(test::network({4, 3 + number, number == 1 ? 1u : 3u}, "tanh",
                           number == 1 ? "identity" : "softmax")),
        random_state(number),
        seed(number) {}

  TrainingRun<double> run_on(Engine<double>& engine, DataId data) {
    ModelState<double> state{test::initial_parameters(spec, seed),
                             start_optimiser<double>({}, spec.n_parameters())};
    TrainingRun<double> run{
        .model = engine.open({spec, 0.01, 20 + seed}, data,
                             test::random_targets(spec, kSamples, seed), std::move(state)),
        .n_samples = kSamples,
        .settings = {.batch_size = 20 + seed, .max_iter = static_cast<int>(3 + 2 * seed)},
        .random_state = &random_state};
    run.history.best_loss = kInfinity;
    return run;
  }

  NetworkSpec spec;
  RandomState random_state;
  std::uint32_t seed;
};

TEST(TrainingLoop, AModelInAGroupIsBitEqualToAlone) {
  const auto x = test::random_matrix(kSamples, 4, 1);
  const auto together = make_cpu_engine<double>();
  const DataId data = together->hold(x);
  std::vector<Member> members{Member(0), Member(1), Member(2)};
  std::vector<TrainingRun<double>> group;
  for (Member& member : members) group.push_back(member.run_on(*together, data));
  train<double>(*together, group);
  for (std::uint32_t i = 0; i < 3; ++i) {
    Member member(i);
    const auto engine = make_cpu_engine<double>();
    auto alone = member.run_on(*engine, engine->hold(x));
    train<double>(*engine, std::span(&alone, 1));
    EXPECT_EQ(alone.history.n_iter, static_cast<int>(3 + 2 * i));
    EXPECT_TRUE(same_bits(alone.history.loss_curve.values(), group[i].history.loss_curve.values()));
    EXPECT_TRUE(
        same_bits(engine->save(alone.model).parameters, together->save(group[i].model).parameters));
  }
}

/// Somebody who could ask to stop but does not changes nothing: ranges instead of whole epochs.
TEST(TrainingLoop, AWatchedFitIsBitEqualToAnUnwatchedOne) {
  const auto x = test::random_matrix(kSamples, 4, 1);
  std::vector<std::vector<double>> results;
  std::stop_source source;
  for (const bool watched : {false, true}) {
    Member member(2);
    const auto engine = make_cpu_engine<double>();
    auto run = member.run_on(*engine, engine->hold(x));
    run.settings.batch_size = 1;
    if (watched) run.control.stop = source.get_token();
    train<double>(*engine, std::span(&run, 1));
    results.push_back(engine->save(run.model).parameters);
  }
  EXPECT_TRUE(same_bits(results[0], results[1]));
}

}  // namespace
}  // namespace skarma
