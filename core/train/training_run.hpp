#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <skarma/core/base/fit_control.hpp>
#include <skarma/core/engine/engine.hpp>
#include <skarma/core/optim/learning_rate.hpp>
#include <skarma/core/train/history.hpp>

namespace skarma {

/// When and how minibatch training goes round. Names and meanings are scikit-learn's.
struct EpochSettings {
  std::size_t batch_size = 200;
  bool shuffle = true;
  int max_iter = 200;
  double tol = 1e-4;
  double n_iter_no_change = 10;  // a whole number or infinity
  int n_epochs = 0;              // partial_fit: so many, whatever they come to; 0: until it ends
};

/// Samples that a run is scored on after each epoch. They may decide about early stopping: the
/// score of the outputs, higher is better.
struct Validation {
  DataId data;
  std::function<double(const Matrix<double>& outputs)> score;
  std::function<double(const Matrix<double>& outputs)> loss{};  // empty: it is not recorded
  bool decides = true;  // about early stopping; otherwise figures are recorded alone
  /// Whether the parameters at the start are the ones to go back to until an epoch has done better:
  /// not in a warm start, where scikit-learn has overwritten them.
  bool keep_start = true;
};

/// One model on its way through the training loop. The caller fills in everything down to
/// `history`; the loop updates `rate`, `history` and `stop_reason`.
struct TrainingRun {
  ModelId model{};
  std::size_t n_samples = 0;
  EpochSettings settings{};
  RandomState* random_state = nullptr;
  std::optional<Validation> validation{};
  FitControl control{};
  std::optional<NetworkSpec> spec{};  // what callbacks are told; needed where there are some
  bool float32 = false;               // the same
  bool counts_right = false;          // as its model: the history then has accuracies
  /// A model file's bytes for such parameters; needed where there are callbacks.
  std::function<std::string(std::span<const double> parameters)> to_bytes{};
  LearningRate rate{};
  TrainingHistory history{};
  StopReason stop_reason = StopReason::max_iter;
};

/// THE training loop: every model of the group, epoch by epoch, until each has ended. The engine
/// keeps the trained parameters, of the best epoch with early stopping.
void train(Engine& engine, std::span<TrainingRun* const> group);

}  // namespace skarma
