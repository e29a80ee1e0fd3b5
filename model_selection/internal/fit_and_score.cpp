#include <skarma/model_selection/internal/fit_and_score.hpp>

#include <algorithm>
#include <new>
#include <string_view>
#include <utility>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/internal/stopwatch.hpp>

namespace skarma {
namespace {

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

/// What an estimator is scored on.
struct ScoredPart {
  const SampleView& x;
  ScoredTargets compared;
  const WantedScores* sums;  // of all scores, or null
};

ScoredTargets scored_targets(const Target& y, std::span<const double> weights,
                             const FitAndScoreOptions& options) {
  return {y, options.weight_scores ? weights : std::span<const double>()};
}

Judgement judge(const Scorer& scorer, const Estimator& estimator, const ScoredPart& part,
                std::size_t number) {
  const auto& [x, compared, sums] = part;
  if (sums != nullptr) {
    const auto score =
        score_of_sums(scorer, estimator.is_classifier(), compared, sums->all[number]);
    if (score) return *score;
  }
  return scorer.judge(estimator, x, compared.y, compared.weights);
}

/// Every scorer's figure, in the place of the error score; one that throws leaves that. False after
/// a stop request in the middle.
bool score_all(const Estimator& estimator, const ScoredPart& part,
               const FitAndScoreOptions& options, FitResult& result, std::vector<double>& scores) {
  const Scoring& scoring = *options.scoring;
  for (std::size_t i = 0; i < scoring.size(); ++i) {
    if (options.stop.stop_requested()) return false;
    try {
      const auto [score, well_defined] = judge(scoring[i], estimator, part, i);
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

/// `wanted`: what was computed while the network was open, if anything was. False after a stop
/// request in the middle.
bool score(Estimator& estimator, const Fold& fold, std::span<const WantedScores> wanted,
           const FitAndScoreOptions& options, FitResult& result) {
  const Predictions controlled(estimator, {options.stop, options.engine, options.device});
  bool complete = true;
  {
    const Stopwatch watch(result.score_time);
    const ScoredPart part{fold.test_x, scored_targets(fold.test_y, fold.test_weight, options),
                          wanted.empty() ? nullptr : &wanted.front()};
    complete = score_all(estimator, part, options, result, result.test_scores);
  }
  if (options.return_train_score && complete) {
    const ScoredPart part{fold.train_x, scored_targets(fold.train_y, fold.train_weight, options),
                          wanted.empty() ? nullptr : &wanted.back()};
    complete = score_all(estimator, part, options, result, result.train_scores);
  }
  return complete;
}

void note_error(const std::exception& error, FitResult& result) {
  result.fit_error = text_of(error);
  result.fit_exception = std::current_exception();
}

/// Does a part of a fit, with the time that it takes.
template <class Part>
void do_part(const FitAndScoreOptions& options, FitResult& result, const Part& part) {
  const Stopwatch watch(result.fit_time);
  try {
    part();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    if (!options.error_score) throw;
    note_error(error, result);
  }
}

/// Does steps of a fit: one that wants memory has failed, whatever came before.
template <class Steps>
void within_memory(const FitAndScoreOptions& options, FitResult& result, const Steps& steps) {
  try {
    steps();
  } catch (const std::bad_alloc& error) {
    if (!options.error_score) throw;
    note_error(error, result);
    std::ranges::fill(result.test_scores, *options.error_score);
    std::ranges::fill(result.train_scores, *options.error_score);
    result.done = !options.stop.stop_requested();
  }
}

FitOptions fit_options(const Fold& fold, const FitAndScoreOptions& options) {
  return {.sample_weight = fold.train_weight,
          .feature_names = options.feature_names,
          .control = {.stop = options.stop, .engine = options.engine, .device = options.device}};
}

/// The end of a fit that has failed or is complete.
void score_if_fitted(Estimator& estimator, const Fold& fold, std::span<const WantedScores> wanted,
                     const FitAndScoreOptions& options, FitResult& result) {
  if (options.stop.stop_requested()) return;
  result.done = !result.fit_error.empty() || score(estimator, fold, wanted, options, result);
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

bool start_fit(const MakeUnfitted& make_unfitted, const FitAndScoreOptions& options,
               FitResult& result, std::unique_ptr<Estimator>& estimator) {
  within_memory(options, result, [&] {
    estimator = make_unfitted();
    if (options.before_fit) options.before_fit(*estimator);
  });
  return result.fit_error.empty();
}

void fit_and_score(Estimator& estimator, const Folds& folds, std::size_t number,
                   const FitAndScoreOptions& options, FitResult& result) {
  within_memory(options, result, [&] {
    const Fold fold = folds[number];
    do_part(options, result, [&] {
      estimator.fit(fold.train_x, fold.train_y, fit_options(fold, options));
      result.fit_warning = estimator.fit_warning();
    });
    score_if_fitted(estimator, fold, {}, options, result);
  });
}

std::unique_ptr<PreparedFit> prepare_fit(Estimator& estimator, const Fold& fold,
                                         const FitAndScoreOptions& options, FitResult& result) {
  std::unique_ptr<PreparedFit> prepared;
  do_part(options, result, [&] {
    prepared = estimator.prepare(fold.train_x, fold.train_y, fit_options(fold, options));
  });
  return prepared;
}

void ask_for_scores(const Estimator& estimator, PreparedFit& fit, const Fold& fold,
                    const FitAndScoreOptions& options, SharedTargets& shared) {
  const auto wanted = [&](const SampleView& x, const ScoredTargets& compared) {
    return wanted_scores(*options.scoring, fit, estimator.is_classifier(), x, compared, shared);
  };
  std::vector<std::optional<WantedScores>> all;
  all.push_back(wanted(fold.test_x, scored_targets(fold.test_y, fold.test_weight, options)));
  if (options.return_train_score) {
    all.push_back(wanted(fold.train_x, scored_targets(fold.train_y, fold.train_weight, options)));
  }
  if (std::ranges::find(all, false, &std::optional<WantedScores>::has_value) != all.end()) return;
  for (auto& scores : all) fit.wanted.push_back(std::move(*scores));
}

void finish_and_score(Estimator& estimator, PreparedFit* trained, const Fold& fold,
                      const FitAndScoreOptions& options, FitResult& result) {
  within_memory(options, result, [&] {
    if (result.fit_error.empty()) {
      do_part(options, result, [&] {
        if (trained != nullptr) trained->finish(*trained);
        result.fit_warning = estimator.fit_warning();
      });
    }
    std::span<const WantedScores> wanted;
    if (trained != nullptr) wanted = trained->wanted;
    if (!wanted.empty()) result.score_time += wanted.front().seconds;
    score_if_fitted(estimator, fold, wanted, options, result);
  });
}

void fit_and_score(const MakeUnfitted& make_unfitted, const Folds& folds, std::size_t number,
                   const FitAndScoreOptions& options, FitResult& result,
                   std::unique_ptr<Estimator>& estimator) {
  if (!start_fit(make_unfitted, options, result, estimator)) return;
  fit_and_score(*estimator, folds, number, options, result);
}

}  // namespace skarma
