#pragma once

#include <optional>
#include <string>

#include <skarma/cli/output/result_table.hpp>
#include <skarma/model_selection/grid_search.hpp>

namespace skarma::cli {

/// All of cv_results as CSV: a column each, one line a candidate; numbers keep all their digits.
std::string results_as_csv(const CvResults& results, const ParameterNames& shown);

/// cv_results alone as JSON: a list for each column, `params` among them. NaN becomes null.
std::string results_as_json(const CvResults& results, const ParameterNames& shown);

/// All of cv_results as JSON with scikit-learn's keys: best_index_, best_params_, best_score_,
/// n_splits_ and cv_results_ (a list for each column, `params` among them). NaN becomes null.
/// `held_out_score` is added if there is one.
std::string results_as_json(const GridSearchCV& search, std::optional<double> held_out_score,
                            const ParameterNames& shown);

}  // namespace skarma::cli
