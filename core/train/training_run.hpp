#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

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
  bool one_epoch = false;        // partial_fit: leave after one epoch
};

/// Held-out samples that decide about early stopping: the score of the outputs, higher is better.
template <class T>
struct Validation {
  DataId data;
  std::function<double(const Matrix<T>& outputs)> score;
};

/// One model on its way through the training loop. The caller fills in everything down to
/// `control`; the loop updates `rate`, `history`, `best_parameters` and `stop_reason`.
template <class T>
struct TrainingRun {
  ModelId model{};
  std::size_t n_samples = 0;
  EpochSettings settings{};
  RandomState* random_state = nullptr;
  std::optional<Validation<T>> validation{};
  FitControl control{};
  LearningRate rate{};
  TrainingHistory history{};
  /// With early stopping: the parameters of the best score. Empty at first in a warm start, where
  /// scikit-learn has overwritten them: then nothing is restored unless an epoch does better.
  std::vector<T> best_parameters{};
  StopReason stop_reason = StopReason::max_iter;
};

/// THE training loop: every model of the group, epoch by epoch, until each has ended. The engine
/// keeps the trained parameters, of the best epoch with early stopping.
template <class T>
void train(Engine<T>& engine, std::span<TrainingRun<T>> group);

}  // namespace skarma
