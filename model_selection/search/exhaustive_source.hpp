#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <skarma/model_selection/search/job_order.hpp>
#include <skarma/model_selection/search/trial_source.hpp>

namespace skarma {

/// Every candidate on every fold: candidate by candidate, or those first whose fits take longest.
class ExhaustiveSource : public TrialSource {
 public:
  std::size_t n_candidates() const { return n_candidates_; }
  std::size_t n_folds() const { return n_folds_; }

  /// Goes by JobOrder from now on, before the first trial. One number for each candidate.
  void start_with_longest(const std::vector<double>& expected_work);

  std::size_t ask(std::span<Trial> trials) override;
  void tell(const Trial& trial, const FitResult& result) override;
  std::size_t most_left() const override { return n_candidates_ * n_folds_ - n_given_; }

 protected:
  /// Throws std::invalid_argument for more fits than can be counted.
  ExhaustiveSource(std::size_t n_candidates, std::size_t n_folds);

 private:
  std::size_t n_candidates_;
  std::size_t n_folds_;
  std::size_t n_given_ = 0;
  std::optional<JobOrder> order_;
};

}  // namespace skarma
