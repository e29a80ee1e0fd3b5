#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/model_selection/internal/fit_and_score.hpp>
#include <skarma/model_selection/search/internal/group_fitter.hpp>
#include <skarma/model_selection/search/internal/search_devices.hpp>
#include <skarma/model_selection/search/internal/trial_fit.hpp>
#include <skarma/model_selection/search/trial_fitter.hpp>
#include <skarma/model_selection/search/trial_source.hpp>

namespace skarma {

/// Fits candidates: copies of a prototype with a trial's parameters, on the fold of the trial. The
/// last candidate is kept for its next folds. Fits for groups are trained together, the others one
/// after another, as they come. Where there are others with GPUs of their own, one whose GPU is
/// lost takes no more trials than it has. All that is given must outlive this.
class CandidateFitter final : public TrialFitter {
 public:
  /// The fitter of this number. Its engines, which serve all its fits, may take threads from
  /// `spare`.
  CandidateFitter(const Estimator& prototype, const TrialSource& source, const Folds& folds,
                  FitAndScoreOptions options, SearchDevices& devices, std::size_t fitter = 0,
                  SpareThreads* spare = nullptr);

  std::size_t most_trials() const override { return has_left_ ? 0 : groups_.most_fits(); }
  void fit(std::span<const Trial> trials, const TakeReport& take) override;

 private:
  const Estimator& candidate(std::size_t number);
  bool start(const Trial& trial, TrialFit& fit);
  void fit_alone(TrialFit& fit);

  const Estimator& prototype_;
  const TrialSource& source_;
  const Folds& folds_;
  SearchDevices& devices_;
  std::size_t fitter_;
  bool has_left_ = false;
  SharedEngine engine_;
  FitAndScoreOptions options_;
  GroupFitter groups_;
  std::size_t number_ = 0;
  std::unique_ptr<Estimator> candidate_;  // the one of number_, if any
  Placement placement_;                   // where its fits are computed
  std::vector<TrialFit> fits_;            // room for most_trials()
};

/// An unfitted copy of the prototype with these parameters. Throws as Estimator::set does.
std::unique_ptr<Estimator> with_params(const Estimator& prototype, const ParamSet& params);

}  // namespace skarma
