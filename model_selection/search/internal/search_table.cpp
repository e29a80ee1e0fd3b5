#include <skarma/model_selection/search/internal/search_table.hpp>

#include <utility>

#include <skarma/model_selection/search/internal/param_columns.hpp>

namespace skarma {

SearchTable::SearchTable(std::size_t n_candidates, std::size_t n_folds, const Scoring& scoring,
                         bool with_train_scores)
    : n_folds_(n_folds),
      scoring_(scoring),
      fit_time_("fit_time", n_candidates, n_folds),
      score_time_("score_time", n_candidates, n_folds),
      n_done_(n_candidates) {
  for (std::size_t m = 0; m < scoring.size(); ++m) {
    test_.emplace_back("test_" + scoring.key(m), n_candidates, n_folds);
    if (with_train_scores) train_.emplace_back("train_" + scoring.key(m), n_candidates, n_folds);
  }
}

void SearchTable::put(const FitReport& report) {
  const auto& [candidate, fold, result, estimator] = report;
  fit_time_.at(candidate, fold) = result.fit_time;
  score_time_.at(candidate, fold) = result.score_time;
  for (std::size_t m = 0; m < test_.size(); ++m) {
    test_[m].at(candidate, fold) = result.test_scores[m];
  }
  for (std::size_t m = 0; m < train_.size(); ++m) {
    train_[m].at(candidate, fold) = result.train_scores[m];
  }
  ++n_done_[candidate];
}

double SearchTable::mean_test_score(std::size_t candidate, std::size_t metric) const {
  return test_[metric].mean_and_std_of(candidate).mean;
}

std::vector<std::size_t> SearchTable::complete() const {
  std::vector<std::size_t> numbers;
  numbers.reserve(n_done_.size());
  for (std::size_t c = 0; c < n_done_.size(); ++c) {
    if (is_complete(c)) numbers.push_back(c);
  }
  return numbers;
}

CvResults SearchTable::write(const ParamSets& candidates) && {
  const std::vector<std::size_t> rows = complete();
  CvResults table;
  table.params = rows.size() == candidates.size() ? candidates : candidates.chosen(rows);
  for (FitFigures* time : {&fit_time_, &score_time_}) {
    time->keep(rows);
    time->write_mean_std(table);
    *time = FitFigures("", 0, 0);
  }
  add_param_columns(table);
  for (std::size_t m = 0; m < test_.size(); ++m) {
    test_[m].keep(rows);
    std::move(test_[m]).write_all(table);
    const std::string name = "test_" + scoring_.key(m);
    table.columns.push_back({"rank_" + name, ranks_of(table.numbers("mean_" + name))});
    if (train_.empty()) continue;
    train_[m].keep(rows);
    std::move(train_[m]).write_all(table);
  }
  return table;
}

}  // namespace skarma
