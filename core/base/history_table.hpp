#pragma once

#include <vector>

namespace skarma {

/// What a fit came to, epoch by epoch (lbfgs: iteration by iteration): columns of one length, in
/// which NaN stands for what was not measured.
struct HistoryTable {
  std::vector<double> loss;              // of training, with penalties
  std::vector<double> validation_score;  // on held-out or given samples
  std::vector<double> validation_loss;   // without penalties
  std::vector<double> learning_rate;     // of the epoch's steps; NaN for lbfgs
  std::vector<double> seconds;           // that the epoch took, its validation included
  std::vector<double> accuracy{};        // of training, as batches came by; empty if not counted
};

}  // namespace skarma
