#include <skarma/core/train/training_run.hpp>

#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/scripted_run.hpp>

namespace skarma {
namespace {

using test::kInfinity;
using test::kNaN;
using test::Scripted;

// ---- stopping (spec 2.8) -----------------------------------------------------------------------

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
  s.run.settings.n_epochs = 1;
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

// ---- order of the samples ----------------------------------------------------------------------

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

// ---- watching and stopping ---------------------------------------------------------------------

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

// ---- callbacks ---------------------------------------------------------------------------------

/// Writes down what it is told: b(egin), E(poch begins), m(inibatch), e(poch), x: the end.
struct Diary : FitCallback {
  std::string events{};
  std::function<void(char, FitProgress&)> then = [](char, FitProgress&) {};
  bool batches = false;

  void write(char event, FitProgress& fit) {
    events += event;
    then(event, fit);
  }
  void on_begin(FitProgress& fit) override { write('b', fit); }
  void on_epoch_begin(FitProgress& fit) override { write('E', fit); }
  void on_batch(FitProgress& fit) override { write('m', fit); }
  void on_epoch(FitProgress& fit) override { write('e', fit); }
  void on_end(FitProgress& fit) override { write('x', fit); }
  bool wants_batches() const override { return batches; }
};

std::shared_ptr<Diary> watched(Scripted& s) {
  auto diary = std::make_shared<Diary>();
  s.run.control.callbacks = {diary};
  return diary;
}

TEST(TrainingLoop, TellsCallbacksOfEveryEvent) {
  auto s = Scripted::with_losses({1.0});
  s.run.settings.max_iter = 2;
  const auto diary = watched(s);
  s.go();
  EXPECT_EQ(diary->events, "bEeEex");
  auto by_batch = Scripted::with_losses({1.0});
  by_batch.run.settings.max_iter = 2;
  const auto finer = watched(by_batch);
  finer->batches = true;
  by_batch.go();
  EXPECT_EQ(finer->events, "bEmmmmeEmmmmex");
  EXPECT_EQ(by_batch.run.history.loss_curve.values(), s.run.history.loss_curve.values());
}

TEST(TrainingLoop, AnEpochThatNobodyWatchesBatchByBatchIsOneCallOfTheEngine) {
  auto s = Scripted::with_losses({1.0});
  std::vector<std::size_t> ends;
  s.engine.on_train = [&](std::size_t end) { ends.push_back(end); };
  s.run.settings.max_iter = 1;
  watched(s);
  s.go();
  EXPECT_EQ(ends, std::vector<std::size_t>{4});
}

TEST(TrainingLoop, ACallbackStopsARun) {
  for (const char when : {'b', 'E', 'm', 'e'}) {
    SCOPED_TRACE(when);
    auto s = Scripted::with_losses({1.0});
    const auto diary = watched(s);
    diary->batches = when == 'm';
    diary->then = [when](char event, FitProgress& fit) {
      if (event == when) fit.stop();
    };
    s.go();
    EXPECT_EQ(s.run.stop_reason, StopReason::callback);
    EXPECT_EQ(s.run.history.n_iter, when == 'b' || when == 'E' ? 0 : 1);
    EXPECT_EQ(diary->events.back(), 'x');
  }
}

TEST(TrainingLoop, TheLastEpochSaysSoAndKeepsItsReason) {
  auto s = Scripted::with_losses({1.0});
  const auto diary = watched(s);
  std::vector<bool> ended;
  diary->then = [&](char event, FitProgress& fit) {
    if (event == 'e') ended.push_back(fit.has_ended);
    if (event == 'e' && fit.has_ended) fit.stop();
  };
  s.go();
  EXPECT_EQ(ended, (std::vector<bool>{false, false, false, true}));
  EXPECT_EQ(s.run.stop_reason, StopReason::converged);
}

TEST(TrainingLoop, ACallbackSetsTheRateOfTheNextEpoch) {
  auto s = Scripted::with_losses({1.0});
  s.run.settings.max_iter = 3;
  s.run.rate = {"constant", 0.5};
  const auto diary = watched(s);
  diary->then = [](char event, FitProgress& fit) {
    if (event == 'e') fit.set_learning_rate(fit.learning_rate() / 2.0);
  };
  s.go();
  EXPECT_EQ(s.engine.rates, (std::vector<double>{0.5, 0.25, 0.125}));
  EXPECT_EQ(s.run.history.learning_rates.values(), s.engine.rates);
  auto refused = Scripted::with_losses({1.0});
  watched(refused)->then = [](char, FitProgress& fit) { fit.set_learning_rate(kNaN); };
  EXPECT_THROW(refused.go(), std::invalid_argument);
}

TEST(TrainingLoop, ACheckpointIsGoneBackTo) {
  auto s = Scripted::with_losses({1.0});
  const auto diary = watched(s);
  std::shared_ptr<const FitCheckpoint> then;
  std::vector<double> parameters;
  diary->then = [&](char event, FitProgress& fit) {
    if (event == 'e' && fit.n_iter == 2) then = fit.checkpoint();
    if (event == 'x') {
      fit.restore(*then);
      parameters = fit.parameters();
    }
  };
  s.go();
  EXPECT_EQ(parameters, std::vector<double>{2.0});
}

TEST(TrainingLoop, TheEndIsToldOfTheNetworkOfTheBestEpoch) {
  auto s = Scripted::with_scores({0.5, 0.9, 0.6, 0.6, 0.6});
  const auto diary = watched(s);
  std::vector<double> parameters;
  diary->then = [&](char event, FitProgress& fit) {
    if (event == 'x') parameters = fit.parameters();
  };
  s.go();
  EXPECT_EQ(parameters, std::vector<double>{2.0});
}

TEST(TrainingLoop, SamplesThatDoNotDecideAreScoredAlone) {
  auto alone = Scripted::with_losses({1.0, 0.5, 0.2, 0.2, 0.2});
  auto scored = Scripted::with_losses({1.0, 0.5, 0.2, 0.2, 0.2});
  std::vector<double> told;
  scored.run.validation = Validation{{},
                                     [](const Matrix<double>& o) { return o(0, 0); },
                                     [](const Matrix<double>& o) { return 10.0 * o(0, 0); },
                                     false};
  scored.run.control.observer = [&](const EpochReport& report) {
    told.push_back(report.validation_loss.value());
    return true;
  };
  EXPECT_EQ(scored.go().n_iter, alone.go().n_iter);
  const HistoryTable table = scored.run.history.table();
  EXPECT_EQ(table.loss, alone.run.history.table().loss);
  EXPECT_EQ(table.validation_score[1], 2.0);
  EXPECT_EQ(table.validation_loss[1], 20.0);
  EXPECT_EQ(told, table.validation_loss);
  EXPECT_EQ(scored.engine.parameter, scored.run.history.n_iter);  // nothing is gone back to
  EXPECT_FALSE(scored.engine.kept.has_value());
}

TEST(TrainingLoop, AsManyEpochsAsWereAskedForWhateverTheyComeTo) {
  auto s = Scripted::with_losses({1.0});
  s.run.settings.n_epochs = 20;
  EXPECT_EQ(s.go().n_iter, 20);  // beyond convergence and max_iter
}

}  // namespace
}  // namespace skarma
