#pragma once

#include <memory>

#include <skarma/estimators/internal/prepared_fit.hpp>
#include <skarma/model_selection/internal/fit_and_score.hpp>
#include <skarma/model_selection/search/internal/search_devices.hpp>
#include <skarma/model_selection/search/trial.hpp>
#include <skarma/model_selection/search/trial_fitter.hpp>

namespace skarma {

/// A trial on its way to its report.
struct TrialFit {
  Trial trial{};
  FitResult result{};
  std::unique_ptr<Estimator> estimator{};
  std::unique_ptr<Estimator> unprepared{};  // a copy from before it was prepared
  Placement placement{};
  std::shared_ptr<const Fold> fold{};       // of one that is trained with others
  std::unique_ptr<PreparedFit> prepared{};  // the same

  /// Reports it and lets go of all but its result.
  void report(const TakeReport& take) {
    take(trial, {trial.candidate, trial.fold, result, estimator});
    prepared.reset();
    unprepared.reset();
    estimator.reset();
    fold.reset();
  }
};

}  // namespace skarma
