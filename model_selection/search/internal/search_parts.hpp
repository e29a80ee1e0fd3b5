#pragma once

#include <skarma/model_selection/internal/fit_and_score.hpp>
#include <skarma/model_selection/search/exhaustive_source.hpp>
#include <skarma/model_selection/search/journal.hpp>

namespace skarma {

/// Throws std::invalid_argument for folds that another cut of the same splitter differs in.
void check_same_folds(const Splits& splits, const Splits& again);

/// What a journal has to know of a search. Throws std::invalid_argument for a fit that cannot be
/// repeated: where a random_state is None or a generator.
SearchDescription description_of(const Estimator& prototype, const ExhaustiveSource& source,
                                 const Folds& folds, const FitAndScoreOptions& options);

}  // namespace skarma
