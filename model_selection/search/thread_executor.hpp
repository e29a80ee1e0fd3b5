#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <stop_token>

#include <skarma/model_selection/search/executor.hpp>
#include <skarma/model_selection/search/trial_fitter.hpp>

namespace skarma {

class SpareThreads;

/// Trials side by side on the threads of this process, the calling one included. Each asks for as
/// many at a time as its fitter is glad of; one that finds none left lends itself to the fits that
/// still run.
class ThreadExecutor final : public Executor {
 public:
  /// What fits the trials of one thread, by its number from 0. `spare` are the threads that a fit
  /// may take as guests; null where there is one thread.
  using MakeFitter =
      std::function<std::unique_ptr<TrialFitter>(std::size_t number, SpareThreads* spare)>;

  /// At most `most_fitters` threads ask for trials: one for each device that trains groups, however
  /// many threads there are. The others join its fits that this processor computes.
  ThreadExecutor(int n_threads, MakeFitter make_fitter, std::stop_token stop = {},
                 std::size_t most_fitters = std::numeric_limits<std::size_t>::max());

  void run(TrialSource& source, ResultSink& sink) override;

 private:
  int n_threads_;
  MakeFitter make_fitter_;
  std::stop_token stop_;
  std::size_t most_fitters_;
};

}  // namespace skarma
