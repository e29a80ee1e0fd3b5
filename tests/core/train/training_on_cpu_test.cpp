// Training runs on the real engine.
#include <cstdint>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/cpu/cpu_engine.hpp>
#include <skarma/core/train/training_run.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/one_model.hpp>
#include <skarma/tests/support/special_values.hpp>

namespace skarma {
namespace {

using test::kInfinity;
using test::same_bits;

constexpr std::size_t kSamples = 61;

/// One model of a group, different for each number.
struct Member {
  explicit Member(std::uint32_t number)
      : spec(test::network({4, 3 + number, number == 1 ? 1u : 3u}, "tanh",
                           number == 1 ? "squared_error" : "log_loss")),
        random_state(number),
        seed(number) {}

  TrainingRun run_on(Engine& engine, DataId data) {
    ModelState<double> state{test::initial_parameters(spec, seed),
                             start_optimiser<double>({}, spec.n_parameters())};
    TrainingRun run{
        .model =
            test::open_one(engine, {spec, 0.01, 20 + seed, data,
                                    test::random_targets(spec, kSamples, seed), std::move(state)}),
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

void train_all(Engine& engine, std::span<TrainingRun> group) {
  std::vector<TrainingRun*> runs;
  for (TrainingRun& run : group) runs.push_back(&run);
  train(engine, runs);
}

TEST(TrainingLoop, AModelInAGroupIsBitEqualToAlone) {
  const auto x = test::random_matrix(kSamples, 4, 1);
  const auto together = make_cpu_engine();
  const DataId data = together->hold(x);
  std::vector<Member> members{Member(0), Member(1), Member(2)};
  std::vector<TrainingRun> group;
  for (Member& member : members) group.push_back(member.run_on(*together, data));
  train_all(*together, group);
  for (std::uint32_t i = 0; i < 3; ++i) {
    Member member(i);
    const auto engine = make_cpu_engine();
    auto alone = member.run_on(*engine, engine->hold(x));
    train_all(*engine, {&alone, 1});
    EXPECT_EQ(alone.history.n_iter, static_cast<int>(3 + 2 * i));
    EXPECT_TRUE(same_bits(alone.history.loss_curve.values(), group[i].history.loss_curve.values()));
    EXPECT_TRUE(same_bits(test::close_one(*engine, alone.model).parameters,
                          test::close_one(*together, group[i].model).parameters));
  }
}

TEST(TrainingLoop, ARunThatIsAskedToStopEndsAloneAndMovesNoOther) {
  const auto x = test::random_matrix(kSamples, 4, 1);
  const auto engine = make_cpu_engine();
  std::stop_source source;
  source.request_stop();
  std::vector<std::vector<double>> results;
  for (const bool with_stopped : {false, true}) {
    Member goes_on(0), stopped(2);
    std::vector<TrainingRun> group{goes_on.run_on(*engine, engine->hold(x))};
    if (with_stopped) {
      group.push_back(stopped.run_on(*engine, engine->hold(x)));
      group.back().control.stop = source.get_token();
    }
    train_all(*engine, group);
    EXPECT_EQ(group.back().stop_reason,
              with_stopped ? StopReason::interrupted : StopReason::max_iter);
    EXPECT_EQ(group.back().history.n_iter, with_stopped ? 0 : 3);
    results.push_back(test::close_one(*engine, group.front().model).parameters);
  }
  EXPECT_TRUE(same_bits(results[0], results[1]));
}

/// Somebody who could ask to stop but does not changes nothing: ranges instead of whole epochs.
TEST(TrainingLoop, AWatchedFitIsBitEqualToAnUnwatchedOne) {
  const auto x = test::random_matrix(kSamples, 4, 1);
  std::vector<std::vector<double>> results;
  std::stop_source source;
  for (const bool watched : {false, true}) {
    Member member(2);
    const auto engine = make_cpu_engine();
    auto run = member.run_on(*engine, engine->hold(x));
    run.settings.batch_size = 1;
    if (watched) run.control.stop = source.get_token();
    train_all(*engine, {&run, 1});
    results.push_back(test::close_one(*engine, run.model).parameters);
  }
  EXPECT_TRUE(same_bits(results[0], results[1]));
}

}  // namespace
}  // namespace skarma
