#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include <skarma/model_selection/fit_report.hpp>
#include <skarma/model_selection/search/trial.hpp>

namespace skarma {

/// Is given what a trial came to, which may be moved from and lives until this returns.
using TakeReport = std::function<void(const Trial& trial, const FitReport& report)>;

/// Fits and scores trials: each thread of an executor has one of its own.
class TrialFitter {
 public:
  virtual ~TrialFitter() = default;
  /// How many trials it is glad to have at once; 1: nothing is gained by more. It may become less,
  /// and 0, for no more trials at all, where there are other fitters for them.
  virtual std::size_t most_trials() const { return 1; }
  /// At most most_trials() trials. Each is reported once, as soon as it is over and in any order;
  /// not done after a stop request. What it throws ends the search.
  virtual void fit(std::span<const Trial> trials, const TakeReport& take) = 0;
};

}  // namespace skarma
