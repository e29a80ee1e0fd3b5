#pragma once

#include <skarma/model_selection/fit_report.hpp>

namespace skarma {

/// Who takes the results of a search.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  /// A trial is over; its result is not done after a stop request. Called by the thread that did
  /// it, several at once, before the source is told. What it throws ends the search.
  virtual void take(const FitReport& report) = 0;
};

}  // namespace skarma
