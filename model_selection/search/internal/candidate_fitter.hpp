#pragma once

#include <cstddef>
#include <memory>

#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/model_selection/internal/fit_and_score.hpp>
#include <skarma/model_selection/search/trial_fitter.hpp>
#include <skarma/model_selection/search/trial_source.hpp>

namespace skarma {

/// Fits candidates: copies of a prototype with a trial's parameters, on the fold of the trial. The
/// last candidate is kept for its next folds. All that is given must outlive this.
class CandidateFitter final : public TrialFitter {
 public:
  /// Its engine, which serves all its fits, may take threads from `spare`.
  CandidateFitter(const Estimator& prototype, const TrialSource& source, const Folds& folds,
                  FitAndScoreOptions options, SpareThreads* spare = nullptr);

  FitReport fit(const Trial& trial) override;

 private:
  const Estimator& candidate(std::size_t number);

  const Estimator& prototype_;
  const TrialSource& source_;
  const Folds& folds_;
  SharedEngine engine_;
  FitAndScoreOptions options_;
  std::size_t number_ = 0;
  std::unique_ptr<Estimator> candidate_;  // the one of number_, if any
  FitResult result_;
  std::unique_ptr<Estimator> fitted_;
};

/// An unfitted copy of the prototype with these parameters. Throws as Estimator::set does.
std::unique_ptr<Estimator> with_params(const Estimator& prototype, const ParamSet& params);

}  // namespace skarma
