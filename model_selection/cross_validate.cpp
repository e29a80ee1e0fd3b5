#include <skarma/model_selection/cross_validate.hpp>

#include <utility>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/model_selection/internal/fit_and_score.hpp>
#include <skarma/model_selection/internal/fit_messages.hpp>
#include <skarma/model_selection/search/exhaustive_source.hpp>
#include <skarma/model_selection/search/internal/run_search.hpp>
#include <skarma/model_selection/search/result_sink.hpp>

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

/// Keeps what the fits come to, each in its fold's place, and tells the observer.
class FoldSink final : public ResultSink {
 public:
  FoldSink(const CrossValidateOptions& options, const FitAndScoreOptions& each, std::size_t n_folds)
      : options_(options), fits_(n_folds, blank_result(each)), estimators_(n_folds) {}

  void take(const FitReport& report) override {
    if (options_.observer && report.result.done) options_.observer(report);
    const bool keeps_estimator = options_.return_estimator && report.result.fit_error.empty();
    if (keeps_estimator) estimators_[report.fold] = std::move(report.estimator);
    fits_[report.fold] = report.result;
  }

  const std::vector<FitResult>& fits() const { return fits_; }
  std::vector<std::unique_ptr<Estimator>> release_estimators() { return std::move(estimators_); }

 private:
  const CrossValidateOptions& options_;
  std::vector<FitResult> fits_;
  std::vector<std::unique_ptr<Estimator>> estimators_;
};

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
  const FitAndScoreOptions each{.scoring = &options.scoring,
                                .return_train_score = options.return_train_score,
                                .error_score = options.error_score,
                                .stop = options.stop,
                                .weight_scores = options.weight_scores,
                                .before_fit = options.before_fit,
                                .feature_names = feature_names};
  ExhaustiveSource source(std::vector<ParamSet>(1), folds.size());
  FoldSink sink(options, each, folds.size());
  run_search(estimator, source, folds, x.n_features(), useful_threads(options.n_jobs), each, sink);
  if (options.stop.stop_requested()) throw Cancelled("The cross-validation was stopped.");
  CrossValidateResult result = result_of(sink.fits(), options);
  if (options.return_estimator) result.estimators = sink.release_estimators();
  return result;
}

}  // namespace skarma
