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
                                 SpareThreads* spare, GroupSizes sizes)
    : prototype_(prototype),
      source_(source),
      folds_(folds),
      engine_(spare, options.make_engine),
      options_(std::move(options)),
      groups_(folds, options_, std::move(sizes)),
      fits_(groups_.most_fits()) {
  options_.engine = &engine_;
  for (TrialFit& fit : fits_) make_blank(fit.result, options_);
}

const Estimator& CandidateFitter::candidate(std::size_t number) {
  if (candidate_ && number_ == number) return *candidate_;
  candidate_.reset();
  candidate_ = with_params(prototype_, source_.params(number));
  number_ = number;
  return *candidate_;
}

bool CandidateFitter::start(const Trial& trial, TrialFit& fit) {
  SKARMA_CHECK(trial.resource == 1.0);  // folds are taken whole
  fit.trial = trial;
  make_blank(fit.result, options_);
  return !options_.stop.stop_requested() &&
         start_fit([&] { return candidate(trial.candidate).clone(); }, options_, fit.result,
                   fit.estimator);
}

void CandidateFitter::fit(std::span<const Trial> trials, const TakeReport& take) {
  std::size_t n_grouped = 0;
  for (const Trial& trial : trials) {
    TrialFit& fit = fits_.at(n_grouped);
    const bool started = start(trial, fit);
    if (started && groups_.takes(*fit.estimator)) {
      ++n_grouped;
      continue;
    }
    if (started) fit_and_score(*fit.estimator, folds_, trial.fold, options_, fit.result);
    fit.report(take);
  }
  groups_.fit(std::span(fits_).first(n_grouped), take);
}

}  // namespace skarma
