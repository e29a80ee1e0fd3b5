#pragma once

#include <skarma/model_selection/internal/fit_and_score.hpp>
#include <skarma/model_selection/search/exhaustive_source.hpp>
#include <skarma/model_selection/search/result_sink.hpp>

namespace skarma {

/// Throws, as run_search does, for a candidate that cannot be made.
void check_candidates(const Estimator& prototype, const ParamSets& candidates);

/// Fits and scores all candidates of a source on threads. One thread goes candidate by candidate;
/// several start with the longest fits, and those that find none to start join the others. Throws
/// std::invalid_argument for a name or a type that a candidate must not have, and DeviceError for a
/// device that is not there, before any fit. Where a device of candidates is glad of groups, one
/// thread has all fits, and hands the device as many at once as it is glad of. Where all candidates
/// are for 'cuda', each GPU has such a thread, whatever n_threads is; one thread alone where
/// before_fit is to be called in turns (n_threads 1).
void run_search(const Estimator& prototype, ExhaustiveSource& source, const Folds& folds,
                std::size_t n_features, int n_threads, const FitAndScoreOptions& options,
                ResultSink& sink);

}  // namespace skarma
