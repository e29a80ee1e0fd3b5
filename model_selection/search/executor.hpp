#pragma once

#include <skarma/model_selection/search/result_sink.hpp>
#include <skarma/model_selection/search/trial_source.hpp>

namespace skarma {

/// Runs the trials of a search: asks the source, fits, hands the results to the sink and tells the
/// source, until none is left.
class Executor {
 public:
  virtual ~Executor() = default;
  /// Returns when every trial that was asked for is over and no further one can come, or soon after
  /// a stop request. The first exception ends the others and is thrown.
  virtual void run(TrialSource& source, ResultSink& sink) = 0;
};

}  // namespace skarma
