#pragma once

#include <cstddef>
#include <limits>
#include <mutex>
#include <optional>

#include <skarma/model_selection/grid_search.hpp>
#include <skarma/model_selection/internal/fit_messages.hpp>
#include <skarma/model_selection/search/exhaustive_source.hpp>
#include <skarma/model_selection/search/internal/search_table.hpp>
#include <skarma/model_selection/search/result_sink.hpp>

namespace skarma {

/// Takes what a GridSearchCV's fits come to: into its table, to its observer and its progress.
class SearchSink final : public ResultSink {
 public:
  /// Progress goes by the metric number `leading_metric`. Both references must outlive this.
  SearchSink(const ExhaustiveSource& source, const GridSearchOptions& options,
             std::size_t leading_metric);

  void take(const FitReport& report) override;

  SearchTable& table() { return table_; }
  const FitMessages& messages() const { return messages_; }

 private:
  void report_progress(std::size_t candidate);
  void compare_with_best(std::size_t candidate);

  const ExhaustiveSource& source_;
  const GridSearchOptions& options_;
  std::size_t leading_metric_;
  std::mutex mutex_;  // for all below
  SearchTable table_;
  FitMessages messages_;
  std::size_t n_done_ = 0;
  double best_score_ = std::numeric_limits<double>::quiet_NaN();
  std::size_t best_ = 0;
  std::optional<ParamSet> best_params_;  // of best_, if there is one
};

}  // namespace skarma
