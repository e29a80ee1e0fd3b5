#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/holdout.hpp>
#include <skarma/model_selection/fit_report.hpp>
#include <skarma/model_selection/scorer.hpp>

namespace skarma {

/// The samples of one fold, shared by all candidates: row numbers and targets, no copy of X.
struct Fold {
  SampleView train_x;
  SampleView test_x;
  Target train_y;
  Target test_y;
  std::vector<double> train_weight;
  std::vector<double> test_weight;
};

/// The folds of some splits; the splits must outlive them.
std::vector<Fold> folds_of(const SampleView& x, const Target& y,
                           std::span<const double> sample_weight,
                           std::span<const TrainTest> splits);

/// How each fit is scored and what becomes of one that fails.
struct FitAndScoreOptions {
  const Scoring* scoring;
  bool return_train_score;
  std::optional<double> error_score;  // nothing = errors are thrown
  std::stop_token stop;
  bool weight_scores = true;
  std::function<void(Estimator&)> before_fit{};
  std::span<const std::string> feature_names{};
  SpareThreads* spare = nullptr;  // given where fits run side by side, with one thread each
};

/// Fits `estimator` on the fold's training samples and scores it.
FitResult fit_and_score(Estimator& estimator, const Fold& fold, const FitAndScoreOptions& options);

/// What the fits themselves warn about: each distinct text with its count.
std::vector<std::string> fit_warnings(std::span<const FitResult> results);

/// What scikit-learn warns about after such fits: failed fits, each distinct error with its count,
/// and failed scorings. Throws std::invalid_argument if all fits failed.
std::vector<std::string> failure_warnings(std::span<const FitResult> results, double error_score);

}  // namespace skarma
