#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <skarma/core/base/history_table.hpp>
#include <skarma/core/train/loss_curve.hpp>

namespace skarma {

/// What training leaves behind and a warm start goes on from; scikit-learn's attributes of the same
/// names. Without samples for validation there are no validation figures; best_validation_score
/// exists only with early stopping, best_loss only without.
struct TrainingHistory {
  int n_iter = 0;
  std::int64_t t = 0;  // samples seen
  double loss = std::numeric_limits<double>::quiet_NaN();
  LossCurve loss_curve;
  std::optional<double> best_loss;
  std::optional<std::vector<double>> validation_scores;
  std::optional<double> best_validation_score;
  int no_improvement_count = 0;
  // One an epoch. Validation losses end with the last epoch that had one.
  LossCurve validation_losses;
  LossCurve learning_rates;
  LossCurve seconds;
  LossCurve accuracies;                    // of training, where the run counts
  std::optional<HistoryTable> iterations;  // of lbfgs, if that was the last fit's solver

  HistoryTable table() const;
};

}  // namespace skarma
