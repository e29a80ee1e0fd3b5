#include <skarma/model_selection/search/internal/run_search.hpp>

#include <utility>
#include <vector>

#include <skarma/model_selection/search/internal/candidate_fitter.hpp>
#include <skarma/model_selection/search/internal/expected_work.hpp>
#include <skarma/model_selection/search/thread_executor.hpp>

namespace skarma {
namespace {

/// The work that is expected of a fit of each candidate, all of which are made once.
std::vector<double> work_of_each(const Estimator& prototype, const ExhaustiveSource& source,
                                 std::size_t n_features) {
  std::vector<double> work;
  work.reserve(source.candidates().size());
  for (const ParamSet& candidate : source.candidates()) {
    work.push_back(expected_work(*with_params(prototype, candidate), n_features));
  }
  return work;
}

}  // namespace

void run_search(const Estimator& prototype, ExhaustiveSource& source, const Folds& folds,
                std::size_t n_features, int n_threads, const FitAndScoreOptions& options,
                ResultSink& sink) {
  {
    const auto work = work_of_each(prototype, source, n_features);  // a wrong name is seen, too
    if (n_threads > 1) source.start_with_longest(work);
  }
  const auto make_fitter = [&](SpareThreads* spare) {
    return std::make_unique<CandidateFitter>(prototype, source, folds, options, spare);
  };
  ThreadExecutor(n_threads, make_fitter, options.stop).run(source, sink);
}

}  // namespace skarma
