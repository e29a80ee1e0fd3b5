#include <skarma/model_selection/search/thread_executor.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include <skarma/core/parallel/spare_threads.hpp>
#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/model_selection/search/internal/trial_queue.hpp>

namespace skarma {
namespace {

void work_off(TrialQueue& queue, TrialFitter& fitter, ResultSink& sink) {
  while (const auto trial = queue.next()) {
    const FitReport report = fitter.fit(*trial);
    sink.take(report);
    queue.finished(*trial, report.result);
  }
}

}  // namespace

ThreadExecutor::ThreadExecutor(int n_threads, MakeFitter make_fitter, std::stop_token stop)
    : n_threads_(n_threads), make_fitter_(std::move(make_fitter)), stop_(std::move(stop)) {}

void ThreadExecutor::run(TrialSource& source, ResultSink& sink) {
  const std::size_t n_workers = std::min(static_cast<std::size_t>(n_threads_), source.most_left());
  std::optional<SpareThreads> threads;
  if (n_threads_ > 1) threads.emplace(n_workers, n_threads_);
  SpareThreads* const spare = threads ? &*threads : nullptr;
  TrialQueue queue(source, stop_);
  const auto work = [&](std::size_t) {
    try {
      work_off(queue, *make_fitter_(spare), sink);
    } catch (...) {
      queue.close();
      throw;
    }
  };
  run_jobs(n_workers, n_threads_, work, stop_, spare);
}

}  // namespace skarma
