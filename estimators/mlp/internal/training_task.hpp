#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <skarma/core/base/augmentation.hpp>
#include <skarma/core/base/matrix.hpp>
#include <skarma/core/net/loss.hpp>
#include <skarma/core/net/targets.hpp>
#include <skarma/estimators/holdout.hpp>
#include <skarma/estimators/internal/prepared_fit.hpp>

namespace skarma {

/// Samples that a fit is scored on and does not learn from.
struct GivenValidation {
  SampleView samples;
  Targets<double> targets;
};

/// What classifier and regressor say of one fit: the loss, encoded targets, and how to hold out and
/// score samples for early stopping.
struct TrainingTask {
  LossChoice loss{kLosses.front()};
  Targets<double> targets;
  std::function<TrainTest(PartSizes, RandomState&)> split;
  std::function<double(const Matrix<double>& outputs, const Targets<double>& held_out)> score;
  TargetsFor targets_for;  // other targets
  std::optional<GivenValidation> validation{};
  std::optional<TrainTest> holdout{};         // rows that the caller has split
  int n_epochs = 1;                           // of a partial_fit
  bool counts_right = false;                  // whether the history gets accuracies
  std::vector<Augmentation> augmentations{};  // of each minibatch
};

}  // namespace skarma
