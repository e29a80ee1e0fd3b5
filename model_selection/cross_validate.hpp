#pragma once

#include <limits>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <skarma/model_selection/scorer.hpp>
#include <skarma/model_selection/splitters.hpp>

namespace skarma {

struct CrossValidateOptions {
  Scoring scoring{};
  CrossValidation cv = 5;
  bool return_train_score = false;
  std::optional<int> n_jobs{};
  /// The score of a fit that failed; nothing = its error is thrown.
  std::optional<double> error_score = std::numeric_limits<double>::quiet_NaN();
  std::stop_token stop{};
};

/// One figure a fold, in the order of the folds.
struct CrossValidateResult {
  struct Scores {
    std::string metric;
    std::vector<double> test;
    std::vector<double> train;  // empty unless asked for
  };
  std::vector<double> fit_time;    // seconds
  std::vector<double> score_time;  // seconds
  std::vector<Scores> scores;      // one for each scorer
  std::vector<std::string> warnings;
};

/// Fits and scores one estimator on every fold: scikit-learn's cross_validate. `groups` are for the
/// splitter. Throws std::invalid_argument for bad data and when all fits fail, Cancelled after a
/// stop request.
CrossValidateResult cross_validate(const Estimator& estimator, const SampleView& x, const Target& y,
                                   const CrossValidateOptions& options = {},
                                   std::span<const double> sample_weight = {},
                                   const Groups& groups = {});

}  // namespace skarma
