#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <skarma/estimators/metrics/scorer.hpp>
#include <skarma/model_selection/cv_results.hpp>
#include <skarma/model_selection/fit_report.hpp>
#include <skarma/model_selection/search/internal/fit_figures.hpp>

namespace skarma {

/// The results of a search as they come, in the columns of cv_results that they become.
class SearchTable {
 public:
  SearchTable(std::size_t n_candidates, std::size_t n_folds, const Scoring& scoring,
              bool with_train_scores);

  /// A fit that is done.
  void put(const FitReport& report);
  /// Whether all folds of a candidate are done.
  bool is_complete(std::size_t candidate) const { return n_done_[candidate] == n_folds_; }
  double mean_test_score(std::size_t candidate, std::size_t metric) const;

  /// The candidates that are complete, in order.
  std::vector<std::size_t> complete() const;
  /// The rows of these, in scikit-learn's order of columns. They leave here.
  CvResults write(const ParamSets& candidates) &&;

 private:
  std::size_t n_folds_;
  const Scoring& scoring_;
  FitFigures fit_time_, score_time_;
  std::vector<FitFigures> test_, train_;  // one for each metric
  std::vector<std::uint32_t> n_done_;     // of each candidate
};

}  // namespace skarma
