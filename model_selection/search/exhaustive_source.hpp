#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <skarma/model_selection/param_sets.hpp>
#include <skarma/model_selection/search/job_order.hpp>
#include <skarma/model_selection/search/trial_source.hpp>

namespace skarma {

/// Every candidate, of a grid or drawn for a random search, on every fold: candidate by candidate,
/// or those first whose fits take longest.
class ExhaustiveSource final : public TrialSource {
 public:
  /// Throws std::invalid_argument for more fits than can be counted.
  ExhaustiveSource(ParamSets candidates, std::size_t n_folds);

  const ParamSets& candidates() const { return candidates_; }
  std::size_t n_folds() const { return n_folds_; }
  std::size_t n_fits() const { return candidates_.size() * n_folds_; }

  /// Goes by JobOrder from now on, before the first trial. One number for each candidate.
  void start_with_longest(const std::vector<double>& expected_work);

  std::size_t ask(std::span<Trial> trials) override;
  void tell(const Trial& trial, const FitResult& result) override;
  std::size_t most_left() const override { return n_fits() - n_given_; }
  ParamSet params(std::size_t candidate) const override { return candidates_[candidate]; }

 private:
  ParamSets candidates_;
  std::size_t n_folds_;
  std::size_t n_given_ = 0;
  std::optional<JobOrder> order_;
};

}  // namespace skarma
