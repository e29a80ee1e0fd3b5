// What validation scores do to a training run.
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/train/training_run.hpp>
#include <skarma/tests/support/scripted_run.hpp>

namespace skarma {
namespace {

using test::kNaN;
using test::Scripted;

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
  s.is_warm_start = true;
  EXPECT_EQ(s.go().n_iter, 3);
  EXPECT_EQ(s.engine.parameter, 3.0);
}

}  // namespace
}  // namespace skarma
