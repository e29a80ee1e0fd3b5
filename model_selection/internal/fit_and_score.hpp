#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <skarma/core/engine/registry.hpp>
#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/holdout.hpp>
#include <skarma/estimators/internal/prepared_fit.hpp>
#include <skarma/estimators/metrics/scorer.hpp>
#include <skarma/model_selection/fit_report.hpp>
#include <skarma/model_selection/internal/summed_score.hpp>
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
  const SampleView& x() const { return x_; }
  const Target& y() const { return *y_; }
  std::span<const double> sample_weight() const { return sample_weight_; }
  const Splits& splits() const { return splits_; }
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
  /// The device that computes them in the place of the parameter `device`; empty: it does not.
  std::string device{};
  /// Makes the engines of a search.
  MakeEngine make_engine{&skarma::make_engine};
  /// Counts the GPUs of a search.
  std::function<std::size_t()> count_gpus{&skarma::count_gpus};
};

/// What a fit that fails leaves: the error score for every scorer.
FitResult blank_result(const FitAndScoreOptions& options);
/// The same in the place of another fit's result with the same options, which takes no memory.
void make_blank(FitResult& result, const FitAndScoreOptions& options);

/// Makes the estimator that is to be fitted.
using MakeUnfitted = std::function<std::unique_ptr<Estimator>()>;

// The steps of one fit. They leave a blank result with what has come of it. A std::exception of fit
// or of a scorer, and want of memory anywhere, becomes part of the result unless `options` say that
// it is thrown; all others are thrown.

/// Makes the estimator and calls before_fit. False if there is none to be fitted.
bool start_fit(const MakeUnfitted& make_unfitted, const FitAndScoreOptions& options,
               FitResult& result, std::unique_ptr<Estimator>& estimator);
/// Fits it on the training samples of fold number `number` and scores it.
void fit_and_score(Estimator& estimator, const Folds& folds, std::size_t number,
                   const FitAndScoreOptions& options, FitResult& result);
/// The first part of a fit that is to be trained with others; null where nothing is left to train.
/// Want of memory is thrown: fewer fits may do with what there is.
std::unique_ptr<PreparedFit> prepare_fit(Estimator& estimator, const Fold& fold,
                                         const FitAndScoreOptions& options, FitResult& result);
/// Wants what the scores of such a fit are made of, if all of them are made of sums. Want of memory
/// is thrown.
void ask_for_scores(const Estimator& estimator, PreparedFit& fit, const Fold& fold,
                    const FitAndScoreOptions& options, SharedTargets& shared);
/// The last part of a fit that prepare_fit has begun: `trained` is what came of it.
void finish_and_score(Estimator& estimator, PreparedFit* trained, const Fold& fold,
                      const FitAndScoreOptions& options, FitResult& result);

/// All of a fit that is trained alone.
void fit_and_score(const MakeUnfitted& make_unfitted, const Folds& folds, std::size_t number,
                   const FitAndScoreOptions& options, FitResult& result,
                   std::unique_ptr<Estimator>& estimator);

}  // namespace skarma
