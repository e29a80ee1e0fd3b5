#include <skarma/model_selection/internal/fit_and_score.hpp>

#include <chrono>
#include <map>
#include <stdexcept>

#include <fmt/format.h>

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

/// Every scorer's figure; one that throws gets the error score.
std::vector<double> score_all(const Estimator& estimator, const SampleView& x, const Target& y,
                              std::span<const double> weights, const FitAndScoreOptions& options,
                              FitResult& result) {
  if (!options.weight_scores) weights = {};
  const Scoring& scoring = *options.scoring;
  std::vector<double> scores(scoring.size(), options.error_score.value_or(0.0));
  if (!result.fit_error.empty()) return scores;
  for (std::size_t i = 0; i < scoring.size(); ++i) {
    try {
      const auto [score, well_defined] = scoring[i].judge(estimator, x, y, weights);
      scores[i] = score;
      if (!well_defined) result.well_defined = false;
    } catch (const std::exception& error) {
      if (!options.error_score) throw;
      result.score_errors.emplace_back(error.what());
    }
  }
  return scores;
}

}  // namespace

std::vector<Fold> folds_of(const SampleView& x, const Target& y,
                           std::span<const double> sample_weight,
                           std::span<const TrainTest> splits) {
  std::vector<Fold> folds;
  for (const TrainTest& split : splits) {
    folds.push_back({x.rows(split.train), x.rows(split.test), y.rows(split.train),
                     y.rows(split.test), chosen(sample_weight, split.train),
                     chosen(sample_weight, split.test)});
  }
  return folds;
}

FitResult fit_and_score(Estimator& estimator, const Fold& fold, const FitAndScoreOptions& options) {
  FitResult result;
  if (options.before_fit) options.before_fit(estimator);
  if (options.spare != nullptr) estimator.limit_threads(1);
  const auto fit_start = Clock::now();
  try {
    estimator.fit(fold.train_x, fold.train_y,
                  {.sample_weight = fold.train_weight,
                   .feature_names = options.feature_names,
                   .control = {.stop = options.stop, .spare = options.spare}});
    result.fit_warning = estimator.fit_warning();
  } catch (const std::exception& error) {
    if (!options.error_score) throw;
    result.fit_error = error.what();
    result.fit_exception = std::current_exception();
  }
  if (options.stop.stop_requested()) return result;
  result.fit_time = seconds_since(fit_start);
  const auto score_start = Clock::now();
  result.test_scores =
      score_all(estimator, fold.test_x, fold.test_y, fold.test_weight, options, result);
  result.score_time = seconds_since(score_start);
  if (options.return_train_score) {
    result.train_scores =
        score_all(estimator, fold.train_x, fold.train_y, fold.train_weight, options, result);
  }
  estimator.limit_threads({});
  result.done = true;
  return result;
}

std::vector<std::string> fit_warnings(std::span<const FitResult> results) {
  std::map<std::string, std::size_t> texts;
  for (const FitResult& result : results) {
    if (!result.fit_warning.empty()) ++texts[result.fit_warning];
  }
  std::vector<std::string> warnings;
  for (const auto& [text, count] : texts) {
    warnings.push_back(fmt::format("{} of {} fits: {}", count, results.size(), text));
  }
  return warnings;
}

std::vector<std::string> failure_warnings(std::span<const FitResult> results, double error_score) {
  std::map<std::string, std::size_t> fit_errors;
  std::map<std::string, std::size_t> score_errors;
  std::size_t n_failed = 0;
  for (const FitResult& result : results) {
    for (const std::string& error : result.score_errors) ++score_errors[error];
    if (result.fit_error.empty()) continue;
    ++n_failed;
    ++fit_errors[result.fit_error];
  }
  std::vector<std::string> warnings;
  if (n_failed > 0) {
    std::string details;
    for (const auto& [text, count] : fit_errors) {
      details += fmt::format("\n{} fits failed with the following error:\n{}", count, text);
    }
    if (n_failed == results.size()) {
      throw std::invalid_argument(fmt::format(
          "All the {} fits failed.\nIt is very likely that your model is misconfigured.\n"
          "Below are more details about the failures:{}",
          n_failed, details));
    }
    warnings.push_back(fmt::format(
        "{} fits failed out of a total of {}.\nThe score on these train-test partitions for these "
        "parameters will be set to {}.\nBelow are more details about the failures:{}",
        n_failed, results.size(), error_score, details));
  }
  for (const auto& [text, count] : score_errors) {
    warnings.push_back(fmt::format(
        "Scoring failed {} times. The score on these train-test partitions for these parameters "
        "will be set to {}. Details:\n{}",
        count, error_score, text));
  }
  return warnings;
}

}  // namespace skarma
