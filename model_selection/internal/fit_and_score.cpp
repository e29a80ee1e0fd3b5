#include <skarma/model_selection/internal/fit_and_score.hpp>

#include <algorithm>
#include <chrono>
#include <new>
#include <string_view>
#include <utility>

#include <skarma/core/base/errors.hpp>

namespace skarma {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<double> chosen(std::span<const double> weights, const std::vector<RowIndex>& rows) {
  std::vector<double> result;
  if (weights.empty()) return result;
  for (const RowIndex row : rows) result.push_back(weights[row]);
  return result;
}

/// The text of an error, or the short one where there is no memory for it, or where the error says
/// no more than that.
std::string text_of(const std::exception& error) {
  const std::string_view text = error.what();
  try {
    if (text != "std::bad_alloc" && text != "std::bad_array_new_length") return std::string(text);
  } catch (const std::bad_alloc&) {
  }
  return "out of memory";  // short enough to take none
}

/// Every scorer's figure, in the place of the error score; one that throws leaves that. False after
/// a stop request in the middle.
bool score_all(const Estimator& estimator, const SampleView& x, const Target& y,
               std::span<const double> weights, const FitAndScoreOptions& options,
               FitResult& result, std::vector<double>& scores) {
  if (!options.weight_scores) weights = {};
  const Scoring& scoring = *options.scoring;
  for (std::size_t i = 0; i < scoring.size(); ++i) {
    if (options.stop.stop_requested()) return false;
    try {
      const auto [score, well_defined] = scoring[i].judge(estimator, x, y, weights);
      scores[i] = score;
      if (!well_defined) result.well_defined = false;
    } catch (const Cancelled&) {
      return false;
    } catch (const std::exception& error) {
      if (!options.error_score) throw;
      result.score_errors.emplace_back(text_of(error));
    }
  }
  return true;
}

/// While one of these lives, an estimator's predictions are controlled so.
class Predictions {
 public:
  Predictions(Estimator& estimator, PredictionControl control) : estimator_(estimator) {
    estimator_.control_predictions(std::move(control));
  }
  ~Predictions() { estimator_.control_predictions({}); }
  Predictions(const Predictions&) = delete;
  Predictions& operator=(const Predictions&) = delete;

 private:
  Estimator& estimator_;
};

/// False after a stop request in the middle.
bool score(Estimator& estimator, const Fold& fold, const FitAndScoreOptions& options,
           FitResult& result) {
  const Predictions controlled(estimator, {options.stop, options.engine});
  const auto start = Clock::now();
  bool complete = score_all(estimator, fold.test_x, fold.test_y, fold.test_weight, options, result,
                            result.test_scores);
  result.score_time = seconds_since(start);
  if (options.return_train_score && complete) {
    complete = score_all(estimator, fold.train_x, fold.train_y, fold.train_weight, options, result,
                         result.train_scores);
  }
  return complete;
}

/// Fits, with the time that it took, and scores.
void fit_and_score(Estimator& estimator, const Fold& fold, const FitAndScoreOptions& options,
                   FitResult& result) {
  if (options.before_fit) options.before_fit(estimator);
  const auto start = Clock::now();
  try {
    estimator.fit(fold.train_x, fold.train_y,
                  {.sample_weight = fold.train_weight,
                   .feature_names = options.feature_names,
                   .control = {.stop = options.stop, .engine = options.engine}});
    result.fit_warning = estimator.fit_warning();
  } catch (const std::exception& error) {
    if (!options.error_score) throw;
    result.fit_error = text_of(error);
    result.fit_exception = std::current_exception();
  }
  if (options.stop.stop_requested()) return;
  result.fit_time = seconds_since(start);
  result.done = !result.fit_error.empty() || score(estimator, fold, options, result);
}

}  // namespace

Fold Folds::operator[](std::size_t i) const {
  const auto rows = std::make_shared<const TrainTest>(splits_[i]);
  const auto& [train, test] = *rows;
  return {rows,
          x_.rows(train),
          x_.rows(test),
          y_->rows(train),
          y_->rows(test),
          chosen(sample_weight_, train),
          chosen(sample_weight_, test)};
}

FitResult blank_result(const FitAndScoreOptions& options) {
  FitResult result;
  make_blank(result, options);
  return result;
}

void make_blank(FitResult& result, const FitAndScoreOptions& options) {
  const double score = options.error_score.value_or(0.0);
  result.done = false;
  result.test_scores.assign(options.scoring->size(), score);
  result.train_scores.assign(options.return_train_score ? options.scoring->size() : 0, score);
  result.fit_time = result.score_time = 0.0;
  result.fit_error.clear();
  result.fit_exception = nullptr;
  result.fit_warning.clear();
  result.score_errors.clear();
  result.well_defined = true;
}

void fit_and_score(const MakeUnfitted& make_unfitted, const Folds& folds, std::size_t number,
                   const FitAndScoreOptions& options, FitResult& result,
                   std::unique_ptr<Estimator>& estimator) {
  try {
    estimator = make_unfitted();
    fit_and_score(*estimator, folds[number], options, result);
  } catch (const std::bad_alloc& error) {  // before the fit, or between fit and scores
    if (!options.error_score) throw;
    result.fit_error = text_of(error);
    result.fit_exception = std::current_exception();
    std::ranges::fill(result.test_scores, *options.error_score);
    std::ranges::fill(result.train_scores, *options.error_score);
    result.done = !options.stop.stop_requested();
  }
}

}  // namespace skarma
