#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <skarma/core/base/history_table.hpp>
#include <skarma/model_selection/grid_search.hpp>

namespace skarma {

/// What a report says beside the results of a search.
struct ReportDetails {
  std::string title = "Grid search";
  std::string subtitle{};  // such as what was searched over which data
  /// The metric that decided, as cv_results names it; "" for the first.
  std::string metric{};
  /// How the training of the best went, epoch by epoch; no column: it is not shown.
  HistoryTable history{};
  /// How a parameter is called; empty: as it is.
  std::function<std::string(std::string_view)> shown{};
};

/// A search as the JSON text that reports are made of: the best 2,000 candidates with their scores,
/// the best parameters, failures and warnings.
std::string report_data(const GridSearchCV& search, const ReportDetails& details = {});

/// One page that needs no network: the best parameters, curves over each parameter with the
/// deviation over folds, all parameters together, the training of the best, a table that sorts, and
/// what went wrong. `data` is JSON text as report_data gives it. Throws std::invalid_argument for
/// other text.
std::string report_html(std::string_view data);
/// The same in Markdown: the best parameters, the best 20 candidates, and what went wrong.
std::string report_markdown(std::string_view data);

}  // namespace skarma
