#include <skarma/model_selection/search/internal/candidate_fitter.hpp>

#include <utility>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {

std::unique_ptr<Estimator> with_params(const Estimator& prototype, const ParamSet& params) {
  auto estimator = prototype.clone();
  for (const auto& [name, value] : params) estimator->set(name, value);
  return estimator;
}

CandidateFitter::CandidateFitter(const Estimator& prototype, const TrialSource& source,
                                 const Folds& folds, FitAndScoreOptions options,
                                 SpareThreads* spare)
    : prototype_(prototype),
      source_(source),
      folds_(folds),
      engine_(spare),
      options_(std::move(options)),
      result_(blank_result(options_)) {
  options_.engine = &engine_;
}

const Estimator& CandidateFitter::candidate(std::size_t number) {
  if (candidate_ && number_ == number) return *candidate_;
  candidate_.reset();
  candidate_ = with_params(prototype_, source_.params(number));
  number_ = number;
  return *candidate_;
}

FitReport CandidateFitter::fit(const Trial& trial) {
  SKARMA_CHECK(trial.resource == 1.0);  // folds are taken whole
  fitted_.reset();
  make_blank(result_, options_);
  fit_and_score([&] { return candidate(trial.candidate).clone(); }, folds_, trial.fold, options_,
                result_, fitted_);
  return {trial.candidate, trial.fold, result_, fitted_};
}

}  // namespace skarma
