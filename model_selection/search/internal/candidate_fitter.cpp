#include <skarma/model_selection/search/internal/candidate_fitter.hpp>

#include <exception>
#include <string_view>
#include <utility>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/check.hpp>

namespace skarma {
namespace {

bool is_device_error(const std::exception_ptr& error) {
  if (error == nullptr) return false;
  try {
    std::rethrow_exception(error);
  } catch (const DeviceError&) {
    return true;
  } catch (...) {
    return false;
  }
}

FitAndScoreOptions on_engine(FitAndScoreOptions options, SharedEngine& engine) {
  options.engine = &engine;
  return options;
}

}  // namespace

std::unique_ptr<Estimator> with_params(const Estimator& prototype, const ParamSet& params) {
  auto estimator = prototype.clone();
  for (const auto& [name, value] : params) estimator->set(name, value);
  return estimator;
}

CandidateFitter::CandidateFitter(const Estimator& prototype, const TrialSource& source,
                                 const Folds& folds, FitAndScoreOptions options,
                                 SearchDevices& devices, std::size_t fitter, SpareThreads* spare)
    : prototype_(prototype),
      source_(source),
      folds_(folds),
      devices_(devices),
      fitter_(fitter),
      engine_(spare,
              [&devices](std::string_view device, int n_threads, SpareThreads* lent) {
                return devices.make(device, n_threads, lent);
              }),
      options_(on_engine(std::move(options), engine_)),
      groups_(folds, options_, devices.sizes()),
      fits_(groups_.most_fits()) {
  for (TrialFit& fit : fits_) make_blank(fit.result, options_);
}

const Estimator& CandidateFitter::candidate(std::size_t number) {
  if (candidate_ && number_ == number) return *candidate_;
  candidate_.reset();
  candidate_ = with_params(prototype_, source_.params(number));
  placement_ = devices_.placement(*candidate_, fitter_);
  number_ = number;
  return *candidate_;
}

bool CandidateFitter::start(const Trial& trial, TrialFit& fit) {
  SKARMA_CHECK(trial.resource == 1.0);  // folds are taken whole
  fit.trial = trial;
  make_blank(fit.result, options_);
  const auto make_unfitted = [&] {
    auto unfitted = candidate(trial.candidate).clone();
    fit.placement = placement_;
    return unfitted;
  };
  return !options_.stop.stop_requested() &&
         start_fit(make_unfitted, options_, fit.result, fit.estimator);
}

void CandidateFitter::fit_alone(TrialFit& fit) {
  options_.device = fit.placement.device;
  fit_and_score(*fit.estimator, folds_, fit.trial.fold, options_, fit.result);
}

void CandidateFitter::fit(std::span<const Trial> trials, const TakeReport& take_report) {
  bool is_lost = false;
  const TakeReport take = [&](const Trial& trial, const FitReport& report) {
    is_lost = is_lost || is_device_error(report.result.fit_exception);
    take_report(trial, report);
  };
  std::size_t n_grouped = 0;
  for (const Trial& trial : trials) {
    TrialFit& fit = fits_.at(n_grouped);
    const bool started = start(trial, fit);
    if (started && groups_.takes(fit)) {
      ++n_grouped;
      continue;
    }
    if (started) fit_alone(fit);
    fit.report(take);
  }
  groups_.fit(std::span(fits_).first(n_grouped), take);
  if (is_lost && !has_left_) has_left_ = devices_.leave();
}

}  // namespace skarma
