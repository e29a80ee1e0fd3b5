#pragma once

#include <string>
#include <vector>

#include <skarma/cli/output/result_table.hpp>
#include <skarma/model_selection/grid_search.hpp>

namespace skarma::cli {

/// What somebody should know who reads the best of a search: fits that have not converged, and
/// parameters whose best value is the smallest or the largest of three or more. `is_scaled`: the
/// network is behind a scaler.
std::vector<std::string> search_notes(const GridSearchCV& search, const std::string& leading_metric,
                                      const ParameterNames& shown, bool is_scaled);

/// "the best alpha, 1000, is the largest of the 7 that were tried: larger ones may be better"; an
/// entry for each such parameter.
/// Nothing is said where a candidate inside of the grid is as good, or the parameter ends there.
std::vector<std::string> edge_notes(const CvResults& results, std::size_t best,
                                    const std::string& leading_metric, const ParameterNames& shown);

}  // namespace skarma::cli
