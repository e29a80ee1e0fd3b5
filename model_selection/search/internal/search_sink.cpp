#include <skarma/model_selection/search/internal/search_sink.hpp>

#include <cmath>

namespace skarma {

SearchSink::SearchSink(const ExhaustiveSource& source, const GridSearchOptions& options,
                       std::size_t leading_metric)
    : source_(source),
      options_(options),
      leading_metric_(leading_metric),
      table_(source.candidates().size(), source.n_folds(), options.scoring,
             options.return_train_score) {}

void SearchSink::take(const FitReport& report) {
  const bool done = report.result.done;
  if (done && options_.observer) options_.observer(report);
  const std::lock_guard lock(mutex_);
  messages_.add(report.result);
  if (!done) return;
  table_.put(report);
  ++n_done_;
  if (options_.progress) report_progress(report.candidate);
}

void SearchSink::report_progress(std::size_t candidate) {
  if (table_.is_complete(candidate)) compare_with_best(candidate);
  options_.progress(
      {n_done_, source_.n_fits(), best_score_, best_params_ ? &*best_params_ : nullptr});
}

/// Of equal ones the first is the best, as in the table, in whatever order they are complete.
void SearchSink::compare_with_best(std::size_t candidate) {
  const double mean = table_.mean_test_score(candidate, leading_metric_);
  const bool better = mean > best_score_ || (std::isnan(best_score_) && !std::isnan(mean));
  if (best_params_ && !better && !(mean == best_score_ && candidate < best_)) return;
  best_ = candidate;
  best_score_ = mean;
  best_params_ = source_.params(candidate);
}

}  // namespace skarma
