#include <skarma/model_selection/grid_search.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/thread_budget.hpp>
#include <skarma/estimators/internal/input_checks.hpp>

namespace skarma {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The samples of one fold, shared by all candidates: row numbers and targets, no copy of X.
struct Fold {
  SampleView train_x;
  SampleView test_x;
  Target train_y;
  Target test_y;
  std::vector<double> train_weight;
  std::vector<double> test_weight;
};

std::vector<double> chosen(std::span<const double> weights, const std::vector<RowIndex>& rows) {
  std::vector<double> result;
  if (weights.empty()) return result;
  for (const RowIndex row : rows) result.push_back(weights[row]);
  return result;
}

/// One fit of one candidate on one fold.
struct Cell {
  bool done = false;
  double test_score = std::numeric_limits<double>::quiet_NaN();
  double train_score = std::numeric_limits<double>::quiet_NaN();
  double fit_time = 0.0;
  double score_time = 0.0;
  std::string error;  // of a fit that failed
};

/// Everything that happens between the grid and the table: the jobs of one search.
class Search {
 public:
  Search(const Estimator& prototype, const std::vector<ParamSet>& candidates,
         const GridSearchOptions& options, std::vector<Fold> folds)
      : candidates_(candidates), options_(options), folds_(std::move(folds)) {
    for (const ParamSet& candidate : candidates_) {
      estimators_.push_back(prototype.clone());
      for (const auto& [name, value] : candidate) estimators_.back()->set(name, value);
    }
    cells_.resize(candidates_.size() * folds_.size());
  }

  void run() {
    run_jobs(
        cells_.size(), resolve_n_jobs(options_.n_jobs), [this](std::size_t job) { run_cell(job); },
        options_.stop);
  }

  const Estimator& estimator(std::size_t candidate) const { return *estimators_[candidate]; }
  std::size_t n_folds() const { return folds_.size(); }
  const Cell& cell(std::size_t candidate, std::size_t fold) const {
    return cells_[candidate * folds_.size() + fold];
  }
  const std::vector<Cell>& cells() const { return cells_; }
  bool is_complete(std::size_t candidate) const {
    for (std::size_t f = 0; f < folds_.size(); ++f) {
      if (!cell(candidate, f).done) return false;
    }
    return true;
  }

  /// One figure of every complete candidate on one fold, or its mean and deviation over the folds.
  std::vector<double> over_candidates(double Cell::*figure, std::size_t fold) const {
    std::vector<double> values;
    for (const std::size_t c : complete()) values.push_back(cell(c, fold).*figure);
    return values;
  }
  std::vector<MeanStd> summaries(double Cell::*figure) const {
    std::vector<MeanStd> result;
    for (const std::size_t c : complete()) result.push_back(summary(c, figure));
    return result;
  }
  std::vector<std::size_t> complete() const {
    std::vector<std::size_t> result;
    for (std::size_t c = 0; c < candidates_.size(); ++c) {
      if (is_complete(c)) result.push_back(c);
    }
    return result;
  }

 private:
  MeanStd summary(std::size_t candidate, double Cell::*figure) const {
    std::vector<double> values;
    for (std::size_t f = 0; f < folds_.size(); ++f) values.push_back(cell(candidate, f).*figure);
    return mean_and_std(std::move(values));
  }

  void run_cell(std::size_t job) {
    const std::size_t candidate = job / folds_.size();
    const Fold& fold = folds_[job % folds_.size()];
    Cell cell;
    const auto estimator = estimators_[candidate]->clone();
    const auto fit_start = Clock::now();
    try {
      estimator->fit(fold.train_x, fold.train_y,
                     {.sample_weight = fold.train_weight, .control = {options_.stop}});
    } catch (const std::exception& error) {
      if (!options_.error_score) throw;
      cell.error = error.what();
    }
    if (options_.stop.stop_requested()) return;
    cell.fit_time = seconds_since(fit_start);
    const auto score_start = Clock::now();
    const double failed = options_.error_score.value_or(0.0);
    cell.test_score = cell.error.empty()
                          ? options_.scoring(*estimator, fold.test_x, fold.test_y, fold.test_weight)
                          : failed;
    cell.score_time = seconds_since(score_start);
    if (options_.return_train_score) {
      cell.train_score = cell.error.empty() ? options_.scoring(*estimator, fold.train_x,
                                                               fold.train_y, fold.train_weight)
                                            : failed;
    }
    cell.done = true;
    const std::lock_guard lock(progress_mutex_);
    cells_[job] = std::move(cell);
    report(candidate);
  }

  /// Called with progress_mutex_ held.
  void report(std::size_t candidate) {
    ++n_done_;
    if (is_complete(candidate)) {
      const double mean = summary(candidate, &Cell::test_score).mean;
      if (best_ == nullptr || mean > best_score_) {
        best_ = &candidates_[candidate];
        best_score_ = mean;
      }
    }
    if (options_.progress) options_.progress({n_done_, cells_.size(), best_score_, best_});
  }

  const std::vector<ParamSet>& candidates_;
  const GridSearchOptions& options_;
  std::vector<Fold> folds_;
  std::vector<std::unique_ptr<Estimator>> estimators_;
  std::vector<Cell> cells_;
  std::mutex progress_mutex_;
  std::size_t n_done_ = 0;
  double best_score_ = std::numeric_limits<double>::quiet_NaN();
  const ParamSet* best_ = nullptr;
};

template <class Field>
std::vector<double> picked(const std::vector<MeanStd>& summaries, Field field) {
  std::vector<double> values;
  for (const MeanStd& s : summaries) values.push_back(s.*field);
  return values;
}

void add_mean_std(CvResults& results, const std::string& name,
                  const std::vector<MeanStd>& summaries) {
  results.columns.push_back({"mean_" + name, picked(summaries, &MeanStd::mean)});
  results.columns.push_back({"std_" + name, picked(summaries, &MeanStd::std)});
}

/// param_<name> in the order of first appearance over the candidates.
void add_params(CvResults& results) {
  std::vector<std::string> names;
  for (const ParamSet& set : results.params) {
    for (const auto& [name, value] : set) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  for (const std::string& name : names) {
    std::vector<std::optional<ParamValue>> values;
    for (const ParamSet& set : results.params) {
      const auto found =
          std::find_if(set.begin(), set.end(), [&](const auto& p) { return p.first == name; });
      values.push_back(found == set.end() ? std::nullopt : std::optional(found->second));
    }
    results.columns.push_back({"param_" + name, std::move(values)});
  }
}

void add_scores(CvResults& results, const Search& search, const std::string& part,
                const std::string& metric, double Cell::*figure) {
  const std::string name = part + "_" + metric;
  for (std::size_t f = 0; f < search.n_folds(); ++f) {
    results.columns.push_back(
        {fmt::format("split{}_{}", f, name), search.over_candidates(figure, f)});
  }
  add_mean_std(results, name, search.summaries(figure));
}

CvResults table_of(const Search& search, const std::vector<ParamSet>& candidates,
                   const GridSearchOptions& options) {
  const std::string metric = "score";
  CvResults results;
  for (const std::size_t c : search.complete()) results.params.push_back(candidates[c]);
  add_mean_std(results, "fit_time", search.summaries(&Cell::fit_time));
  add_mean_std(results, "score_time", search.summaries(&Cell::score_time));
  add_params(results);
  add_scores(results, search, "test", metric, &Cell::test_score);
  results.columns.push_back(
      {"rank_test_" + metric, ranks_of(results.numbers("mean_test_" + metric))});
  if (options.return_train_score) {
    add_scores(results, search, "train", metric, &Cell::train_score);
  }
  return results;
}

/// scikit-learn's summary of failed fits: each distinct error with its count. Throws
/// std::invalid_argument if all fits failed.
std::vector<std::string> failure_report(const std::vector<Cell>& cells, double error_score) {
  std::map<std::string, std::size_t> errors;
  std::size_t n_failed = 0;
  for (const Cell& cell : cells) {
    if (cell.error.empty()) continue;
    ++n_failed;
    ++errors[cell.error];
  }
  if (n_failed == 0) return {};
  std::string details;
  for (const auto& [text, count] : errors) {
    details += fmt::format("\n{} fits failed with the following error:\n{}", count, text);
  }
  if (n_failed == cells.size()) {
    throw std::invalid_argument(
        fmt::format("All the {} fits failed.\nIt is very likely that your model is misconfigured.\n"
                    "Below are more details about the failures:{}",
                    n_failed, details));
  }
  return {
      fmt::format("{} fits failed out of a total of {}.\nThe score on these train-test "
                  "partitions for these parameters will be set to {}.\nBelow are more details "
                  "about the failures:{}",
                  n_failed, cells.size(), error_score, details)};
}

}  // namespace

GridSearchCV::GridSearchCV(const Estimator& estimator, ParameterGrid grid,
                           GridSearchOptions options)
    : prototype_(estimator.clone()), grid_(std::move(grid)), options_(std::move(options)) {}

GridSearchCV& GridSearchCV::fit(const SampleView& x, const Target& y,
                                std::span<const double> sample_weight) {
  check_same_length(x, y);
  check_weights(sample_weight, x.n_samples());
  best_index_.reset();
  best_estimator_.reset();
  warnings_.clear();
  const auto splits = options_.cv.splitter(prototype_->is_classifier(), y)->split(x.n_samples(), y);
  n_splits_ = splits.size();
  std::vector<Fold> folds;
  for (const TrainTest& split : splits) {
    folds.push_back({x.rows(split.train), x.rows(split.test), y.rows(split.train),
                     y.rows(split.test), chosen(sample_weight, split.train),
                     chosen(sample_weight, split.test)});
  }

  Search search(*prototype_, grid_.candidates(), options_, std::move(folds));
  search.run();
  interrupted_ = options_.stop.stop_requested();
  results_ = table_of(search, grid_.candidates(), options_);
  if (options_.error_score && !interrupted_) {
    warnings_ = failure_report(search.cells(), *options_.error_score);
  }
  const auto& means = results_.numbers("mean_test_score");
  if (std::any_of(means.begin(), means.end(), [](double m) { return !std::isfinite(m); })) {
    warnings_.push_back(
        fmt::format("One or more of the test scores are non-finite: [{}]", fmt::join(means, " ")));
  }
  if (results_.params.empty()) return *this;
  const auto& ranks = results_.ranks("rank_test_score");
  best_index_ =
      static_cast<std::size_t>(std::min_element(ranks.begin(), ranks.end()) - ranks.begin());
  if (!options_.refit || interrupted_) return *this;

  auto best = search.estimator(*best_index_).clone();
  const auto start = Clock::now();
  best->fit(x, y, {.sample_weight = sample_weight, .control = {options_.stop}});
  refit_time_ = seconds_since(start);
  interrupted_ = options_.stop.stop_requested();
  if (!interrupted_) best_estimator_ = std::move(best);
  return *this;
}

const CvResults& GridSearchCV::cv_results() const {
  if (n_splits_ == 0) throw not_fitted("GridSearchCV");
  return results_;
}

std::size_t GridSearchCV::best_index() const {
  if (!best_index_) {
    throw std::logic_error(n_splits_ == 0 ? not_fitted("GridSearchCV").what()
                                          : "No candidate was evaluated on all folds.");
  }
  return *best_index_;
}

const ParamSet& GridSearchCV::best_params() const { return results_.params[best_index()]; }

double GridSearchCV::best_score() const {
  return results_.numbers("mean_test_score")[best_index()];
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

double GridSearchCV::score(const SampleView& x, const Target& y) const {
  return options_.scoring(best_estimator(), x, y);
}

}  // namespace skarma
