#include <skarma/model_selection/cross_validate.hpp>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/core/parallel/spare_threads.hpp>
#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/model_selection/internal/fit_and_score.hpp>
#include <skarma/model_selection/internal/fit_messages.hpp>

namespace skarma {
namespace {

CrossValidateResult result_of(std::span<const FitResult> fits,
                              const CrossValidateOptions& options) {
  CrossValidateResult result;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  FitMessages messages;
  for (const FitResult& fit : fits) messages.add(fit);
  if (!options.observer) {
    result.warnings = messages.failures(fits.size(), options.error_score.value_or(nan));
  }
  result.fit_warnings = messages.fit_warnings(fits.size());
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

}  // namespace

CrossValidateResult cross_validate(const Estimator& estimator, const SampleView& x, const Target& y,
                                   const CrossValidateOptions& options,
                                   std::span<const double> sample_weight,
                                   std::span<const std::string> feature_names,
                                   const Groups& groups) {
  estimator.check_device();
  check_same_length(x, y);
  check_weights(sample_weight, x.n_samples());
  const auto splitter = options.cv.splitter(estimator.is_classifier(), y);
  const Folds folds(x, y, sample_weight, splitter->splits(x.n_samples(), y, groups));
  const int n_threads = useful_threads(options.n_jobs);
  std::optional<SpareThreads> spare;
  if (n_threads > 1) spare.emplace(folds.size(), n_threads);
  SpareThreads* const lent = spare ? &*spare : nullptr;
  const FitAndScoreOptions each{.scoring = &options.scoring,
                                .return_train_score = options.return_train_score,
                                .error_score = options.error_score,
                                .stop = options.stop,
                                .weight_scores = options.weight_scores,
                                .before_fit = options.before_fit,
                                .feature_names = feature_names};
  std::vector<FitResult> fits(folds.size(), blank_result(each));
  std::vector<std::unique_ptr<Estimator>> estimators(folds.size());
  run_jobs(
      folds.size(), n_threads,
      [&](std::size_t f) {
        std::unique_ptr<Estimator> copy;
        SharedEngine engine(lent);
        FitAndScoreOptions own = each;
        own.engine = &engine;
        fit_and_score([&] { return estimator.clone(); }, folds, f, own, fits[f], copy);
        if (options.observer && fits[f].done) options.observer({0, f, fits[f], copy});
        if (options.return_estimator && fits[f].fit_error.empty()) estimators[f] = std::move(copy);
      },
      options.stop, lent);
  if (options.stop.stop_requested()) throw Cancelled("The cross-validation was stopped.");
  CrossValidateResult result = result_of(fits, options);
  if (options.return_estimator) result.estimators = std::move(estimators);
  return result;
}

}  // namespace skarma
