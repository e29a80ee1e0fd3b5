#include <skarma/model_selection/search/thread_executor.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <skarma/core/parallel/spare_threads.hpp>
#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/model_selection/search/internal/trial_queue.hpp>

namespace skarma {
namespace {

void work_off(TrialQueue& queue, TrialFitter& fitter, ResultSink& sink) {
  std::vector<Trial> room(fitter.most_trials());
  const TakeReport take = [&](const Trial& trial, const FitReport& report) {
    sink.take(report);
    queue.finished(trial, report.result);
  };
  const auto next = [&] { return queue.next(std::span(room).first(fitter.most_trials())); };
  while (fitter.most_trials() > 0) {
    const std::size_t n = next();
    if (n == 0) return;
    fitter.fit(std::span(room).first(n), take);
  }
}

}  // namespace

ThreadExecutor::ThreadExecutor(int n_threads, MakeFitter make_fitter, std::stop_token stop,
                               std::size_t most_fitters)
    : n_threads_(n_threads),
      make_fitter_(std::move(make_fitter)),
      stop_(std::move(stop)),
      most_fitters_(most_fitters) {}

void ThreadExecutor::run(TrialSource& source, ResultSink& sink) {
  const std::size_t n_workers =
      std::min({static_cast<std::size_t>(n_threads_), source.most_left(), most_fitters_});
  std::optional<SpareThreads> threads;
  if (n_threads_ > 1) threads.emplace(n_workers, n_threads_);
  SpareThreads* const spare = threads ? &*threads : nullptr;
  TrialQueue queue(source, stop_);
  const auto work = [&](std::size_t number) {
    try {
      work_off(queue, *make_fitter_(number, spare), sink);
    } catch (...) {
      queue.close();
      throw;
    }
  };
  run_jobs(n_workers, n_threads_, work, stop_, spare);
}

}  // namespace skarma
