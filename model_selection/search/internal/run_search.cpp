#include <skarma/model_selection/search/internal/run_search.hpp>

#include <algorithm>
#include <memory>
#include <vector>

#include <skarma/model_selection/search/internal/candidate_fitter.hpp>
#include <skarma/model_selection/search/internal/expected_work.hpp>
#include <skarma/model_selection/search/internal/search_devices.hpp>
#include <skarma/model_selection/search/thread_executor.hpp>

namespace skarma {
namespace {

/// Makes all candidates once, one after another, and calls use(candidate): a wrong name, or a
/// device that is not there, is seen before any fit.
template <class Use>
void for_each_candidate(const Estimator& prototype, const ParamSets& candidates, const Use& use) {
  for (const ParamSet& candidate : candidates) {
    const auto estimator = with_params(prototype, candidate);
    estimator->check_device();
    use(*estimator);
  }
}

}  // namespace

void check_candidates(const Estimator& prototype, const ParamSets& candidates) {
  for_each_candidate(prototype, candidates, [](const Estimator&) {});
}

void run_search(const Estimator& prototype, ExhaustiveSource& source, const Folds& folds,
                std::size_t n_features, int n_threads, const FitAndScoreOptions& options,
                ResultSink& sink) {
  SearchDevices devices(folds, options, source.n_fits(), n_threads);
  std::vector<double> work;
  if (n_threads > 1) work.reserve(source.candidates().size());
  for_each_candidate(prototype, source.candidates(), [&](const Estimator& candidate) {
    devices.add(candidate);
    if (n_threads > 1) work.push_back(expected_work(candidate, n_features));
  });
  devices.share_gpus();
  if (n_threads > 1) source.start_with_longest(work);
  const auto make_fitter = [&](std::size_t number, SpareThreads* spare) {
    return std::make_unique<CandidateFitter>(prototype, source, folds, options, devices, number,
                                             spare);
  };
  const std::size_t n_fitters = devices.n_fitters();
  n_threads = std::max(n_threads, static_cast<int>(n_fitters));
  ThreadExecutor(n_threads, make_fitter, options.stop, n_fitters).run(source, sink);
}

}  // namespace skarma
