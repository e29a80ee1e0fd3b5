#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <skarma/estimators/metrics/scorer.hpp>
#include <skarma/model_selection/fit_report.hpp>
#include <skarma/model_selection/splitters.hpp>

namespace skarma {

/// scikit-learn's arguments of cross_validate.
struct CrossValidateOptions {
  Scoring scoring{};
  CrossValidation cv = 5;
  bool return_train_score = false;
  bool return_estimator = false;
  std::optional<int> n_jobs{};
  /// The score of a fit that failed; nullopt: its error is thrown.
  std::optional<double> error_score = std::numeric_limits<double>::quiet_NaN();
  /// Whether sample weights count in the scores, too.
  bool weight_scores = true;
  /// Called with each estimator before it is fitted, in the thread that fits it: in turns where
  /// n_jobs is 1, and then one GPU at most has all fits.
  std::function<void(Estimator&)> before_fit{};
  /// Told after each fit, if there is one.
  FitObserver observer{};
  std::stop_token stop{};
};

/// One figure a fold, in the order of the folds.
struct CrossValidateResult {
  /// What one scorer gave, a figure a fold.
  struct Scores {
    std::string metric;
    std::vector<double> test;
    std::vector<double> train;  // empty unless asked for
  };
  std::vector<double> fit_time;    // seconds
  std::vector<double> score_time;  // seconds
  std::vector<Scores> scores;      // one for each scorer
  /// The fitted estimators, if asked for; null for a fit that failed.
  std::vector<std::unique_ptr<Estimator>> estimators;
  /// What scikit-learn would warn about: failed fits and scorings.
  std::vector<std::string> warnings;
  /// What the fits warn about, such as no convergence: each text once, with its count.
  std::vector<std::string> fit_warnings;
};

/// Fits and scores one estimator on every fold: scikit-learn's cross_validate. `groups` are for the
/// splitter. Throws std::invalid_argument for bad data and when all fits fail, DeviceError before
/// any fit where the device is not there, Cancelled after a stop request.
CrossValidateResult cross_validate(const Estimator& estimator, const SampleView& x, const Target& y,
                                   const CrossValidateOptions& options = {},
                                   std::span<const double> sample_weight = {},
                                   std::span<const std::string> feature_names = {},
                                   const Groups& groups = {});

}  // namespace skarma
