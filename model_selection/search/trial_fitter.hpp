#pragma once

#include <skarma/model_selection/fit_report.hpp>
#include <skarma/model_selection/search/trial.hpp>

namespace skarma {

/// Fits and scores trials, one at a time: each thread of an executor has one of its own.
class TrialFitter {
 public:
  virtual ~TrialFitter() = default;
  /// The report is of the last trial alone: the next call overwrites what it refers to. What it
  /// throws ends the search.
  virtual FitReport fit(const Trial& trial) = 0;
};

}  // namespace skarma
