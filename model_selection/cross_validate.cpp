#include <skarma/model_selection/cross_validate.hpp>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/thread_budget.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/model_selection/internal/fit_and_score.hpp>

namespace skarma {

CrossValidateResult cross_validate(const Estimator& estimator, const SampleView& x, const Target& y,
                                   const CrossValidateOptions& options,
                                   std::span<const double> sample_weight, const Groups& groups) {
  check_same_length(x, y);
  check_weights(sample_weight, x.n_samples());
  const auto splitter = options.cv.splitter(estimator.is_classifier(), y);
  const auto splits = splitter->split(x.n_samples(), y, groups);
  const auto folds = folds_of(x, y, sample_weight, splits);
  std::vector<FitResult> fits(folds.size());
  run_jobs(
      folds.size(), resolve_n_jobs(options.n_jobs),
      [&](std::size_t f) {
        fits[f] = fit_and_score(
            *estimator.clone(), folds[f],
            {&options.scoring, options.return_train_score, options.error_score, options.stop});
      },
      options.stop);
  if (options.stop.stop_requested()) throw Cancelled("The cross-validation was stopped.");

  CrossValidateResult result;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  result.warnings = failure_warnings(fits, options.error_score.value_or(nan));
  for (std::size_t m = 0; m < options.scoring.size(); ++m) {
    result.scores.push_back({options.scoring.key(m), {}, {}});
  }
  for (const FitResult& fit : fits) {
    result.fit_time.push_back(fit.fit_time);
    result.score_time.push_back(fit.score_time);
    for (std::size_t m = 0; m < options.scoring.size(); ++m) {
      result.scores[m].test.push_back(fit.test_scores[m]);
      if (options.return_train_score) result.scores[m].train.push_back(fit.train_scores[m]);
    }
  }
  return result;
}

}  // namespace skarma
