#include <skarma/model_selection/grid_search.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/model_selection/internal/fit_and_score.hpp>
#include <skarma/model_selection/search/exhaustive_source.hpp>
#include <skarma/model_selection/search/internal/candidate_fitter.hpp>
#include <skarma/model_selection/search/internal/journal_sink.hpp>
#include <skarma/model_selection/search/internal/run_search.hpp>
#include <skarma/model_selection/search/internal/search_parts.hpp>
#include <skarma/model_selection/search/internal/search_sink.hpp>

namespace skarma {
namespace {

/// The metric that `refit` names: the only one, or that of the list. Throws if it is not clear.
std::size_t leading_metric(const GridSearchOptions& options) {
  const Scoring& scoring = options.scoring;
  if (!scoring.is_multimetric()) return 0;
  if (options.refit.is_off() || options.refit.choose()) return 0;
  for (std::size_t i = 0; i < scoring.size(); ++i) {
    if (scoring.key(i) == options.refit.metric()) return i;
  }
  throw std::invalid_argument(fmt::format(
      "For multi-metric scoring, the parameter refit must be set to a scorer key or a callable to "
      "refit an estimator with the best parameter setting on the whole data and make the best_* "
      "attributes available for that metric. If this is not needed, refit should be set to False "
      "explicitly. {} was passed.",
      options.refit.metric().empty() ? "True" : "'" + options.refit.metric() + "'"));
}

FitAndScoreOptions each_fit(const GridSearchOptions& options) {
  return {.scoring = &options.scoring,
          .return_train_score = options.return_train_score,
          .error_score = options.error_score,
          .stop = options.stop,
          .weight_scores = options.weight_scores,
          .before_fit = options.before_fit};
}

void check_shard(const GridSearchOptions& options) {
  if (!options.shard) return;
  const auto [number, count] = *options.shard;
  if (number < 1 || number > count) {
    throw std::invalid_argument(
        fmt::format("A shard must be one of 1 ... its count; got {} of {}.", number, count));
  }
  if (options.journal == nullptr) {
    throw std::invalid_argument("A shard of a search needs a journal, which keeps its fits.");
  }
}

}  // namespace

GridSearchCV::GridSearchCV(std::unique_ptr<Estimator> prototype, ParamSets candidates,
                           GridSearchOptions options)
    : prototype_(std::move(prototype)),
      candidates_(std::move(candidates)),
      options_(std::move(options)),
      leading_metric_(leading_metric(options_)) {
  check_shard(options_);
}

GridSearchCV& GridSearchCV::fit(const SampleView& x, const Target& y,
                                std::span<const double> sample_weight,
                                std::span<const std::string> feature_names, const Groups& groups) {
  check_same_length(x, y);
  check_weights(sample_weight, x.n_samples());
  best_index_.reset();
  best_estimator_.reset();
  const auto splitter = options_.cv.splitter(prototype_->is_classifier(), y);

  const Folds folds(x, y, sample_weight, splitter->splits(x.n_samples(), y, groups));
  if (options_.journal != nullptr) {
    check_same_folds(folds.splits(), splitter->splits(x.n_samples(), y, groups));
  }
  ExhaustiveSource source(candidates_, folds.size());
  SearchSink sink(source, options_, leading_metric_);
  run(source, folds, sink);
  n_splits_ = folds.size();
  interrupted_ = options_.stop.stop_requested();
  take_results(source, sink);
  if (!options_.shard) choose_best();
  if (best_index_ && !options_.refit.is_off() && !is_partial()) {
    refit(with_params(*prototype_, best_params()), x, y,
          {.sample_weight = sample_weight, .feature_names = feature_names});
  }
  return *this;
}

void GridSearchCV::run(ExhaustiveSource& source, const Folds& folds, SearchSink& sink) {
  const FitAndScoreOptions each = each_fit(options_);
  const int n_threads = useful_threads(options_.n_jobs);
  const auto run_into = [&](ResultSink& taker) {
    run_search(*prototype_, source, folds, folds.x().n_features(), n_threads, each, taker);
  };
  if (options_.journal == nullptr) {
    if (options_.leave_out) source.leave_out(options_.leave_out);
    if (options_.order_seed) source.shuffle(*options_.order_seed);
    return run_into(sink);
  }
  check_candidates(*prototype_, source.candidates());
  JournalSink journaled(*options_.journal, description_of(*prototype_, source, folds, each), source,
                        {.shard = options_.shard, .leave_out = options_.leave_out}, sink);
  if (options_.order_seed) source.shuffle(*options_.order_seed);
  n_recorded_ = journaled.n_recorded();
  run_into(journaled);
  n_missing_ = journaled.n_missing();
}

void GridSearchCV::take_results(const ExhaustiveSource& source, SearchSink& sink) {
  results_ = std::move(sink.table()).write(source.candidates());
  warnings_.clear();
  const std::size_t n_fits =
      options_.shard ? options_.shard->share_of(source.n_fits()) : source.n_fits();
  fit_warnings_ = sink.messages().fit_warnings(n_fits);
  if (interrupted_ || options_.leave_out || options_.observer) return;
  auto failures = sink.messages().failures(n_fits, error_score());
  if (options_.shard) {
    warnings_ = std::move(failures);  // the means of a share say nothing
  } else {
    collect_warnings(std::move(failures));
  }
}

double GridSearchCV::error_score() const {
  return options_.error_score.value_or(std::numeric_limits<double>::quiet_NaN());
}

void GridSearchCV::collect_warnings(std::vector<std::string> failures) {
  warnings_ = std::move(failures);
  for (const CvColumn& column : results_.columns) {
    const auto* means = std::get_if<std::vector<double>>(&column.values);
    const bool test = column.name.starts_with("mean_test_");
    if (means == nullptr || (!test && !column.name.starts_with("mean_train_"))) continue;
    if (std::all_of(means->begin(), means->end(), [](double m) { return std::isfinite(m); })) {
      continue;
    }
    warnings_.push_back(fmt::format("One or more of the {} scores are non-finite: [{}]",
                                    test ? "test" : "train", fmt::join(*means, " ")));
  }
}

void GridSearchCV::choose_best() {
  best_index_ = best_row();
  if (best_index_) best_params_ = results_.params[*best_index_];
}

/// The first candidate of rank 1, or the one that a callable names.
std::optional<std::size_t> GridSearchCV::best_row() const {
  if (results_.params.empty()) return {};
  if (const auto& choose = options_.refit.choose()) {
    if (interrupted_) return {};
    const std::size_t index = choose(results_);
    if (index >= results_.params.size()) throw std::out_of_range("best_index_ index out of range");
    return index;
  }
  if (options_.scoring.is_multimetric() && options_.refit.is_off()) return {};
  const auto& ranks = results_.ranks("rank_test_" + options_.scoring.key(leading_metric_));
  return static_cast<std::size_t>(std::min_element(ranks.begin(), ranks.end()) - ranks.begin());
}

void GridSearchCV::refit(std::unique_ptr<Estimator> best, const SampleView& x, const Target& y,
                         FitOptions options) {
  const auto start = std::chrono::steady_clock::now();
  options.control.stop = options_.stop;
  best->fit(x, y, options);
  refit_time_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  interrupted_ = options_.stop.stop_requested();
  if (!interrupted_) best_estimator_ = std::move(best);
}

const CvResults& GridSearchCV::cv_results() const {
  if (n_splits_ == 0) throw not_fitted("GridSearchCV");
  return results_;
}

std::size_t GridSearchCV::best_index() const {
  if (n_splits_ == 0) throw not_fitted("GridSearchCV");
  if (!best_index_) {
    throw std::logic_error(
        "There is no best candidate: several metrics need refit to name one of them, and an "
        "interrupted search needs a candidate that was evaluated on all folds.");
  }
  return *best_index_;
}

const ParamSet& GridSearchCV::best_params() const {
  best_index();
  return best_params_;
}

double GridSearchCV::best_score() const {
  const std::size_t index = best_index();
  if (options_.refit.choose()) {
    throw std::logic_error("There is no best_score when refit is a callable.");
  }
  return results_.numbers("mean_test_" + options_.scoring.key(leading_metric_))[index];
}

const Estimator& GridSearchCV::best_estimator() const {
  best_index();
  if (!best_estimator_) {
    throw std::logic_error(
        "This GridSearchCV instance was initialized with refit=False or was interrupted: there is "
        "no best estimator that was fitted on all samples.");
  }
  return *best_estimator_;
}

std::unique_ptr<Estimator> GridSearchCV::release_best_estimator() {
  best_estimator();
  return std::move(best_estimator_);
}

double GridSearchCV::score(const SampleView& x, const Target& y,
                           std::span<const double> sample_weight) const {
  return options_.scoring[leading_metric_](best_estimator(), x, y, sample_weight);
}

}  // namespace skarma
