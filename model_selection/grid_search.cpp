#include <skarma/model_selection/grid_search.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/spare_threads.hpp>
#include <skarma/core/base/thread_budget.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/model_selection/internal/fit_and_score.hpp>
#include <skarma/model_selection/internal/job_order.hpp>

namespace skarma {
namespace {

/// Everything that happens between the grid and the table: the jobs of one search. Job number
/// candidate * folds + fold is one fit.
class Search {
 public:
  Search(const Estimator& prototype, const std::vector<ParamSet>& candidates,
         const GridSearchOptions& options, std::size_t leading_metric, Folds folds)
      : candidates_(candidates),
        options_(options),
        n_threads_(useful_threads(options.n_jobs)),
        leading_metric_(leading_metric),
        folds_(std::move(folds)),
        each_{.scoring = &options.scoring,
              .return_train_score = options.return_train_score,
              .error_score = options.error_score,
              .stop = options.stop,
              .weight_scores = options.weight_scores,
              .before_fit = options.before_fit},
        results_(candidates.size() * folds_.size(), blank_result(each_)),
        n_done_of_(candidates.size()) {
    for (const ParamSet& candidate : candidates_) {
      estimators_.push_back(prototype.clone());
      for (const auto& [name, value] : candidate) estimators_.back()->set(name, value);
    }
  }

  /// One thread goes candidate by candidate; several start with the longest fits, and those that
  /// find none to start join the others.
  void run(std::size_t n_features) {
    if (n_threads_ == 1) {
      run_jobs(
          results_.size(), 1, [this](std::size_t job) { run_job(job); }, options_.stop);
      return;
    }
    std::vector<double> work;
    for (const auto& estimator : estimators_) work.push_back(estimator->expected_work(n_features));
    JobOrder order(std::move(work), folds_.size());
    SpareThreads spare(results_.size(), n_threads_);
    each_.spare = &spare;
    run_jobs(
        results_.size(), n_threads_,
        [&](std::size_t) {
          const std::size_t job = order.next();
          run_job(job);
          order.finished(job, results_[job].fit_time);
        },
        options_.stop, &spare);
  }

  std::unique_ptr<Estimator> unfitted(std::size_t candidate) const {
    return estimators_[candidate]->clone();
  }
  const std::vector<FitResult>& results() const { return results_; }
  std::size_t n_folds() const { return folds_.size(); }

  /// The candidates whose folds are all done.
  std::vector<std::size_t> complete() const {
    std::vector<std::size_t> numbers;
    for (std::size_t c = 0; c < candidates_.size(); ++c) {
      if (is_complete(c)) numbers.push_back(c);
    }
    return numbers;
  }
  const FitResult& result(std::size_t candidate, std::size_t fold) const {
    return results_[candidate * folds_.size() + fold];
  }

 private:
  bool is_complete(std::size_t candidate) const { return n_done_of_[candidate] == folds_.size(); }

  void run_job(std::size_t job) {
    const std::size_t candidate = job / folds_.size();
    const std::size_t fold = job % folds_.size();
    std::unique_ptr<Estimator> estimator;
    fit_and_score(*estimators_[candidate], folds_, fold, each_, results_[job], estimator);
    if (!results_[job].done) return;
    if (options_.observer) options_.observer({candidate, fold, results_[job], estimator});
    const std::lock_guard lock(progress_mutex_);
    ++n_done_;
    ++n_done_of_[candidate];
    if (!options_.progress) return;
    if (is_complete(candidate)) compare_with_best(candidate);
    options_.progress({n_done_, results_.size(), best_score_, best_});
  }

  /// Called with progress_mutex_ held.
  void compare_with_best(std::size_t candidate) {
    std::vector<double> scores;
    for (std::size_t f = 0; f < folds_.size(); ++f) {
      scores.push_back(result(candidate, f).test_scores[leading_metric_]);
    }
    const double mean = mean_and_std(std::move(scores)).mean;
    const ParamSet* const complete = &candidates_[candidate];
    // Of equal ones the first, as in the table, in whatever order they are complete.
    const bool better = mean > best_score_ || (std::isnan(best_score_) && !std::isnan(mean));
    if (best_ == nullptr || better || (mean == best_score_ && complete < best_)) {
      best_ = complete;
      best_score_ = mean;
    }
  }

  const std::vector<ParamSet>& candidates_;
  const GridSearchOptions& options_;
  int n_threads_;
  std::size_t leading_metric_;
  Folds folds_;
  FitAndScoreOptions each_;
  std::vector<std::unique_ptr<Estimator>> estimators_;
  std::vector<FitResult> results_;
  std::vector<std::size_t> n_done_of_;  // of each candidate
  std::mutex progress_mutex_;
  std::size_t n_done_ = 0;
  double best_score_ = std::numeric_limits<double>::quiet_NaN();
  const ParamSet* best_ = nullptr;
};

/// Writes the columns of cv_results in scikit-learn's order.
class TableWriter {
 public:
  TableWriter(const Search& search, const std::vector<ParamSet>& candidates)
      : search_(search), complete_(search.complete()) {
    for (const std::size_t c : complete_) table_.params.push_back(candidates[c]);
  }

  CvResults write(const GridSearchOptions& options) {
    add_mean_std("fit_time", [](const FitResult& r) { return r.fit_time; });
    add_mean_std("score_time", [](const FitResult& r) { return r.score_time; });
    add_params();
    for (std::size_t m = 0; m < options.scoring.size(); ++m) {
      const std::string metric = options.scoring.key(m);
      add_scores("test_" + metric, [m](const FitResult& r) { return r.test_scores[m]; });
      table_.columns.push_back(
          {"rank_test_" + metric, ranks_of(table_.numbers("mean_test_" + metric))});
      if (options.return_train_score) {
        add_scores("train_" + metric, [m](const FitResult& r) { return r.train_scores[m]; });
      }
    }
    return std::move(table_);
  }

 private:
  template <class Figure>
  void add_scores(const std::string& name, Figure figure) {
    for (std::size_t f = 0; f < search_.n_folds(); ++f) {
      std::vector<double> values;
      for (const std::size_t c : complete_) values.push_back(figure(search_.result(c, f)));
      table_.columns.push_back({fmt::format("split{}_{}", f, name), std::move(values)});
    }
    add_mean_std(name, figure);
  }

  template <class Figure>
  void add_mean_std(const std::string& name, Figure figure) {
    std::vector<double> means;
    std::vector<double> stds;
    for (const std::size_t c : complete_) {
      std::vector<double> values;
      for (std::size_t f = 0; f < search_.n_folds(); ++f) {
        values.push_back(figure(search_.result(c, f)));
      }
      const auto [mean, std] = mean_and_std(std::move(values));
      means.push_back(mean);
      stds.push_back(std);
    }
    table_.columns.push_back({"mean_" + name, std::move(means)});
    table_.columns.push_back({"std_" + name, std::move(stds)});
  }

  /// param_<name> in the order of first appearance over the candidates.
  void add_params() {
    std::vector<std::string> names;
    for (const ParamSet& set : table_.params) {
      for (const auto& [name, value] : set) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
    for (const std::string& name : names) {
      std::vector<std::optional<ParamValue>> values;
      for (const ParamSet& set : table_.params) {
        const auto found =
            std::find_if(set.begin(), set.end(), [&](const auto& p) { return p.first == name; });
        values.push_back(found == set.end() ? std::nullopt : std::optional(found->second));
      }
      table_.columns.push_back({"param_" + name, std::move(values)});
    }
  }

  const Search& search_;
  std::vector<std::size_t> complete_;
  CvResults table_;
};

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

}  // namespace

GridSearchCV::GridSearchCV(const Estimator& estimator, ParameterGrid grid,
                           GridSearchOptions options)
    : prototype_(estimator.clone()),
      grid_(std::move(grid)),
      options_(std::move(options)),
      leading_metric_(leading_metric(options_)) {}

GridSearchCV& GridSearchCV::fit(const SampleView& x, const Target& y,
                                std::span<const double> sample_weight,
                                std::span<const std::string> feature_names, const Groups& groups) {
  check_same_length(x, y);
  check_weights(sample_weight, x.n_samples());
  best_index_.reset();
  best_estimator_.reset();
  const auto splitter = options_.cv.splitter(prototype_->is_classifier(), y);

  Search search(*prototype_, grid_.candidates(), options_, leading_metric_,
                Folds(x, y, sample_weight, splitter->splits(x.n_samples(), y, groups)));
  n_splits_ = search.n_folds();
  search.run(x.n_features());
  interrupted_ = options_.stop.stop_requested();
  results_ = TableWriter(search, grid_.candidates()).write(options_);
  warnings_.clear();
  fit_warnings_ = skarma::fit_warnings(search.results());
  if (!interrupted_ && !options_.observer)
    collect_warnings(failure_warnings(search.results(), error_score()));
  choose_best();
  if (best_index_ && !options_.refit.is_off() && !interrupted_) {
    refit(search.unfitted(search.complete()[*best_index_]), x, y,
          {.sample_weight = sample_weight, .feature_names = feature_names});
  }
  return *this;
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

/// The first candidate of rank 1, or the one that a callable names.
void GridSearchCV::choose_best() {
  if (results_.params.empty()) return;
  if (const auto& choose = options_.refit.choose()) {
    if (interrupted_) return;
    const std::size_t index = choose(results_);
    if (index >= results_.params.size()) throw std::out_of_range("best_index_ index out of range");
    best_index_ = index;
    return;
  }
  if (options_.scoring.is_multimetric() && options_.refit.is_off()) return;
  const auto& ranks = results_.ranks("rank_test_" + options_.scoring.key(leading_metric_));
  best_index_ =
      static_cast<std::size_t>(std::min_element(ranks.begin(), ranks.end()) - ranks.begin());
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

const ParamSet& GridSearchCV::best_params() const { return results_.params[best_index()]; }

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
