#include <skarma/core/train/full_batch_run.hpp>

#include <algorithm>
#include <stop_token>

#include <gtest/gtest.h>

#include <skarma/core/cpu/cpu_engine.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/one_model.hpp>
#include <skarma/tests/support/scripted_run.hpp>

namespace skarma {
namespace {

using test::same_bits;

/// A network and samples that L-BFGS learns.
struct FullBatch {
  NetworkSpec spec;
  Matrix<double> x;
  Targets<double> y;
  FullBatchRun run{};

  FullBatch(std::size_t n_samples, std::vector<std::size_t> units, int max_iter)
      : spec(test::network(std::move(units), "tanh", "log_loss")),
        x(test::random_matrix(n_samples, spec.n_inputs(), 1)),
        y(test::random_targets(spec, n_samples, 2)) {
    run.limits.max_iter = max_iter;
  }

  FullBatchRun& open(Engine& engine) {
    run.parameters = test::initial_parameters(spec, 3);
    run.model = test::open_one(
        engine, {spec, 0.1, 0, engine.hold(x), y, ModelState<double>{run.parameters, {}}});
    return run;
  }
};

TEST(FullBatchRun, InAGroupIsBitEqualToAlone) {
  std::vector<FullBatch> together{{40, {4, 6, 3}, 20}, {30, {4, 5, 3}, 7}}, alone = together;
  const auto engine = make_cpu_engine();
  FullBatchRun* const group[] = {&together[0].open(*engine), &together[1].open(*engine)};
  train(*engine, group);
  for (std::size_t i = 0; i < 2; ++i) {
    FullBatchRun* const one[] = {&alone[i].open(*engine)};
    train(*engine, one);
    EXPECT_TRUE(same_bits(alone[i].run.parameters, together[i].run.parameters));
    EXPECT_EQ(alone[i].run.result.n_evaluations, together[i].run.result.n_evaluations);
  }
  EXPECT_EQ(together[1].run.result.status, MinimiserStatus::max_iter);
}

TEST(FullBatchRun, AnObserverEndsItsRunAlone) {
  std::vector<FullBatch> both{{40, {4, 6, 3}, 20}, {40, {4, 6, 3}, 20}};
  const auto engine = make_cpu_engine();
  std::vector<int> told;
  FullBatchRun* const group[] = {&both[0].open(*engine), &both[1].open(*engine)};
  group[0]->control.observer = [&](const EpochReport& report) {
    told.push_back(report.n_iter);
    return report.n_iter < 3;
  };
  train(*engine, group);
  EXPECT_EQ(told, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(group[0]->result.status, MinimiserStatus::cancelled);
  EXPECT_EQ(group[0]->result.n_iter, 3);
  EXPECT_EQ(group[1]->result.n_iter, 20);
}

/// The evaluation that hears the request is not used, whatever it has left behind.
TEST(FullBatchRun, AStopRequestThrowsTheEvaluationAway) {
  std::stop_source source;
  test::ScriptedEngine engine;
  engine.on_gradients = [&](std::span<const GradientJob> jobs) {
    EXPECT_TRUE(jobs[0].stop.stop_possible());
    std::ranges::fill(jobs[0].gradient, 0.0);  // as if converged
    source.request_stop();
  };
  FullBatchRun run{.parameters = {1.0, 2.0}, .control = {.stop = source.get_token()}};
  FullBatchRun* const group[] = {&run};
  train(engine, group);
  EXPECT_EQ(run.result.status, MinimiserStatus::cancelled);
  EXPECT_EQ(run.result.n_iter, 0);
  EXPECT_EQ(run.parameters, (std::vector<double>{1.0, 2.0}));
}

}  // namespace
}  // namespace skarma
