#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/holdout.hpp>
#include <skarma/model_selection/fit_report.hpp>
#include <skarma/model_selection/scorer.hpp>
#include <skarma/model_selection/splitter.hpp>

namespace skarma {

/// The samples of one fold: row numbers and targets, no copy of X.
struct Fold {
  std::shared_ptr<const TrainTest> rows;  // which the views look at
  SampleView train_x;
  SampleView test_x;
  Target train_y;
  Target test_y;
  std::vector<double> train_weight;
  std::vector<double> test_weight;
};

/// The folds of some splits, each made when a fit needs it: memory for one a thread, however many
/// there are. Samples, targets and weights must outlive this.
class Folds {
 public:
  Folds(const SampleView& x, const Target& y, std::span<const double> sample_weight, Splits splits)
      : x_(x), y_(&y), sample_weight_(sample_weight), splits_(std::move(splits)) {}

  std::size_t size() const { return splits_.size(); }
  Fold operator[](std::size_t i) const;

 private:
  SampleView x_;
  const Target* y_;
  std::span<const double> sample_weight_;
  Splits splits_;
};

/// How each fit is scored and what becomes of one that fails.
struct FitAndScoreOptions {
  const Scoring* scoring;
  bool return_train_score;
  std::optional<double> error_score;  // nullopt: errors are thrown
  std::stop_token stop;
  bool weight_scores = true;
  std::function<void(Estimator&)> before_fit{};
  std::span<const std::string> feature_names{};
  /// Which computes fits and scores; nullptr: each has its own. Where it has spare threads, fits
  /// run side by side, with one thread each.
  SharedEngine* engine = nullptr;
};

/// What a fit that fails leaves: the error score for every scorer.
FitResult blank_result(const FitAndScoreOptions& options);
/// The same in the place of another fit's result with the same options, which takes no memory.
void make_blank(FitResult& result, const FitAndScoreOptions& options);

/// Makes the estimator that is to be fitted.
using MakeUnfitted = std::function<std::unique_ptr<Estimator>()>;

/// Makes an estimator, fits it on the training samples of fold number `number` and scores it. The
/// result goes into `result`, a blank one, and the fitted estimator to `estimator`. A
/// std::exception of fit or of a scorer, and want of memory anywhere, becomes part of the result
/// unless `options` say that it is thrown; all others are thrown.
void fit_and_score(const MakeUnfitted& make_unfitted, const Folds& folds, std::size_t number,
                   const FitAndScoreOptions& options, FitResult& result,
                   std::unique_ptr<Estimator>& estimator);

}  // namespace skarma
