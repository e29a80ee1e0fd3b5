#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <skarma/model_selection/fit_report.hpp>
#include <skarma/model_selection/search/journal.hpp>

namespace skarma::cli {

// What a row of `fits` and those of `scores` come to.

/// A fit that is done, with room for the scores of this search, which are NaN.
FitResult blank_row(const SearchDescription& search);
/// fit_time, score_time, well_defined, error, warning and score_errors, from this column on.
void read_fit(SQLite::Statement& row, int first, FitResult& result);
/// part, metric and score, from this column on.
void read_score(SQLite::Statement& row, int first, const SearchDescription& search,
                FitResult& result);

}  // namespace skarma::cli
