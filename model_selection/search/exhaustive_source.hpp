#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
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
  /// Goes in random order from now on, before the first trial: for one of several processes.
  void shuffle(std::uint32_t seed);
  /// Asked of each trial when its turn comes, one at a time: one that is to be left out is not
  /// given.
  void leave_out(std::function<bool(const Trial&)> is_left_out) {
    is_left_out_ = std::move(is_left_out);
  }

  std::size_t ask(std::span<Trial> trials) override;
  void tell(const Trial& trial, const FitResult& result) override;
  std::size_t most_left() const override { return n_fits() - n_given_; }
  ParamSet params(std::size_t candidate) const override { return candidates_[candidate]; }

 private:
  std::size_t next_job();

  ParamSets candidates_;
  std::size_t n_folds_;
  std::size_t n_given_ = 0;  // or left out
  std::optional<JobOrder> order_;
  std::vector<std::size_t> shuffled_;
  std::function<bool(const Trial&)> is_left_out_;
};

}  // namespace skarma
