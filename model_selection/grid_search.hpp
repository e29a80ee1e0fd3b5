#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/metrics/scorer.hpp>
#include <skarma/model_selection/cv_results.hpp>
#include <skarma/model_selection/fit_report.hpp>
#include <skarma/model_selection/parameter_grid.hpp>
#include <skarma/model_selection/search/journal.hpp>
#include <skarma/model_selection/search/shard.hpp>
#include <skarma/model_selection/splitters.hpp>

namespace skarma {

class ExhaustiveSource;
class Folds;
class SearchSink;

/// How far a search is. Told after every fit, from whichever thread did it, one at a time.
struct SearchProgress {
  std::size_t n_done;  // fits, of candidates x folds
  std::size_t n_all;
  double best_score;  // mean test score of the best candidate that is complete; NaN before
  const ParamSet* best_params;  // null before
};

/// scikit-learn's `refit`: whether to fit the best candidate on all samples; with several metrics
/// the name of the one that decides; or a callable that names a row of cv_results itself.
class Refit {
 public:
  using Choose = std::function<std::size_t(const CvResults&)>;

  Refit(bool on) : on_(on) {}
  Refit(const char* metric) : metric_(metric) {}
  Refit(std::string metric) : metric_(std::move(metric)) {}
  template <class F>
  requires std::is_invocable_r_v<std::size_t, F, const CvResults&> Refit(F choose)
      : choose_(std::move(choose)) {}

  bool is_off() const { return !on_; }
  const std::string& metric() const { return metric_; }
  const Choose& choose() const { return choose_; }

 private:
  bool on_ = true;
  std::string metric_;
  Choose choose_;
};

/// scikit-learn's arguments of GridSearchCV, and how to watch and end a search.
struct GridSearchOptions {
  Scoring scoring{};
  CrossValidation cv = 5;
  Refit refit = true;
  bool return_train_score = false;
  std::optional<int> n_jobs{};  // the thread budget but for GPUs; nullopt: 1, -1 = all cores
  /// The score of a fit that failed; nullopt: its error ends the search.
  std::optional<double> error_score = std::numeric_limits<double>::quiet_NaN();
  /// Whether sample weights count in the scores, too.
  bool weight_scores = true;
  /// Called with each estimator before it is fitted, in the thread that fits it: in turns where
  /// n_jobs is 1, and then one GPU at most has all fits.
  std::function<void(Estimator&)> before_fit{};
  /// Told after each fit, if there is one.
  FitObserver observer{};
  /// Keeps each fit, and has those that an earlier run did, which are not done again: cv_results is
  /// the same, bit for bit, with their times as they were. Estimators need a random_state,
  /// splitters that shuffle, too. What it has failed is tried again. It must outlive the fit.
  Journal* journal = nullptr;
  /// Does this share of the fits alone, for a journal: there is no best candidate then.
  std::optional<Shard> shard{};
  /// Asked of each fit when its turn comes, one at a time: it is not done where this is true, and
  /// is nowhere in the results.
  std::function<bool(const Trial&)> leave_out{};
  /// Fits in an order that is drawn by this seed, in the place of candidate by candidate or the
  /// longest first: for one of several processes that share a search.
  std::optional<std::uint32_t> order_seed{};
  std::stop_token stop{};
  std::function<void(const SearchProgress&)> progress{};
};

/// scikit-learn's GridSearchCV: cross-validates every candidate of a grid and fits the best one
/// again on all samples. Candidates x folds run as jobs on one pool of threads, X is kept once and
/// a fold is a list of row numbers; results do not depend on the number of threads.
class GridSearchCV {
 public:
  /// Throws std::invalid_argument if several metrics are asked for and refit names none of them.
  GridSearchCV(const Estimator& estimator, const ParameterGrid& grid,
               GridSearchOptions options = {})
      : GridSearchCV(estimator, ParamSets(grid), std::move(options)) {}
  /// The same over candidates of any kind, such as those drawn for a random search. A template, so
  /// that braces always mean a grid.
  template <std::same_as<ParamSets> Candidates>
  GridSearchCV(const Estimator& estimator, Candidates candidates, GridSearchOptions options = {})
      : GridSearchCV(estimator.clone(), std::move(candidates), std::move(options)) {}

  /// `groups` are for the splitter. Throws std::invalid_argument for bad data, grids, folds or a
  /// journal of another search, and DeviceError for a device that is not there before any fit
  /// starts, and std::invalid_argument when all fits fail. After a stop request it returns with
  /// what is complete (see interrupted()).
  GridSearchCV& fit(const SampleView& x, const Target& y,
                    std::span<const double> sample_weight = {},
                    std::span<const std::string> feature_names = {}, const Groups& groups = {});

  /// One row for each candidate; after an interruption only for those whose folds are all done.
  const CvResults& cv_results() const;
  /// Whether a best candidate was found, fitted again or not. What follows throws std::logic_error
  /// without one.
  bool has_best() const { return best_index_.has_value(); }
  std::size_t best_index() const;
  const ParamSet& best_params() const;
  double best_score() const;
  /// The best candidate, fitted on all samples. Throws std::logic_error without refit.
  const Estimator& best_estimator() const;
  std::unique_ptr<Estimator> release_best_estimator();
  double refit_time() const { return refit_time_; }  // seconds
  std::size_t n_splits() const { return n_splits_; }
  bool interrupted() const { return interrupted_; }
  /// With a journal: the fits that it had at first, and those of the whole search that it lacks
  /// now, as others' shares.
  std::size_t n_recorded() const { return n_recorded_; }
  std::size_t n_missing() const { return n_missing_; }
  /// What scikit-learn would warn about: failed fits, scores that are not finite.
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// What the fits warn about, such as no convergence: each text once, with its count.
  const std::vector<std::string>& fit_warnings() const { return fit_warnings_; }

  Target predict(const SampleView& x) const { return best_estimator().predict(x); }
  /// By the scorer that decides about the best candidate.
  double score(const SampleView& x, const Target& y,
               std::span<const double> sample_weight = {}) const;

 private:
  GridSearchCV(std::unique_ptr<Estimator> prototype, ParamSets candidates,
               GridSearchOptions options);
  double error_score() const;
  bool is_partial() const { return interrupted_ || options_.shard || options_.leave_out; }
  void run(ExhaustiveSource& source, const Folds& folds, SearchSink& sink);
  void take_results(const ExhaustiveSource& source, SearchSink& sink);
  void collect_warnings(std::vector<std::string> failures);
  void choose_best();
  std::optional<std::size_t> best_row() const;
  void refit(std::unique_ptr<Estimator> best, const SampleView& x, const Target& y,
             FitOptions options);

  std::unique_ptr<Estimator> prototype_;
  ParamSets candidates_;
  GridSearchOptions options_;
  std::size_t leading_metric_;  // decides about the best
  CvResults results_;
  std::optional<std::size_t> best_index_;
  ParamSet best_params_;  // if there is a best_index_
  std::unique_ptr<Estimator> best_estimator_;
  double refit_time_ = 0.0;
  std::size_t n_splits_ = 0;
  bool interrupted_ = false;
  std::size_t n_recorded_ = 0;
  std::size_t n_missing_ = 0;
  std::vector<std::string> warnings_;
  std::vector<std::string> fit_warnings_;
};

}  // namespace skarma
