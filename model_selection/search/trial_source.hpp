#pragma once

#include <cstddef>
#include <span>

#include <skarma/estimators/params/param_value.hpp>
#include <skarma/model_selection/fit_report.hpp>
#include <skarma/model_selection/search/trial.hpp>

namespace skarma {

/// Where the trials of a search come from. Whoever runs them asks and tells one at a time, params()
/// may be called by several threads meanwhile.
class TrialSource {
 public:
  virtual ~TrialSource() = default;

  /// Writes the next trials to the front of `trials` and says how many: fewer than there is room
  /// for, or none, where the others wait for results. It takes no memory, so that none is lost.
  virtual std::size_t ask(std::span<Trial> trials) = 0;
  /// A trial that was asked for is over; its result is not done after a stop request.
  virtual void tell(const Trial& trial, const FitResult& result) = 0;
  /// The most trials that ask() may still give. 0: none, whatever is told.
  virtual std::size_t most_left() const = 0;
  /// The parameters of a candidate of which a trial was given.
  virtual ParamSet params(std::size_t candidate) const = 0;
};

}  // namespace skarma
