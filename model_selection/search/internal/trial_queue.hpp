#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>
#include <stop_token>
#include <utility>

#include <skarma/model_selection/search/trial_source.hpp>

namespace skarma {

/// A source of trials for several threads.
class TrialQueue {
 public:
  TrialQueue(TrialSource& source, std::stop_token stop) : source_(source), stop_(std::move(stop)) {}

  /// Writes the next trials to the front of `trials` and says how many; waits where only results of
  /// those that run can bring one. 0 when none can come, and after close() or a stop request.
  std::size_t next(std::span<Trial> trials);
  void finished(const Trial& trial, const FitResult& result);
  /// No further trial starts.
  void close();

 private:
  bool is_closed() const { return closed_ || stop_.stop_requested(); }

  TrialSource& source_;
  std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any told_;
  std::size_t n_told_ = 0;
  std::size_t n_running_ = 0;
  bool closed_ = false;
};

}  // namespace skarma
