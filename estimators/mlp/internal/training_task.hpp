#pragma once

#include <functional>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/net/loss.hpp>
#include <skarma/core/net/targets.hpp>
#include <skarma/estimators/holdout.hpp>
#include <skarma/estimators/internal/prepared_fit.hpp>

namespace skarma {

/// What classifier and regressor say of one fit: the loss, encoded targets, and how to hold out and
/// score samples for early stopping.
struct TrainingTask {
  LossChoice loss{kLosses.front()};
  Targets<double> targets;
  std::function<TrainTest(PartSizes, RandomState&)> split;
  std::function<double(const Matrix<double>& outputs, const Targets<double>& held_out)> score;
  TargetsFor targets_for;  // other targets
};

}  // namespace skarma
