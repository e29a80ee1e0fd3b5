#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include <skarma/core/parallel/thread_budget.hpp>

namespace skarma {

class ThreadTeam;

/// Threads with nothing left to do, for fits that still run: run_jobs lends those that find no
/// further job, and a ThreadTeam that has work worth sharing takes them as guests. They go to the
/// team with the fewest guests, choose anew when another opens, and sleep while there is none.
class SpareThreads {
 public:
  /// For run_jobs with these numbers: the threads that it has no job for are started when the first
  /// team opens. There are guests as long as they and the teams are not more than `n_cores`.
  SpareThreads(std::size_t n_jobs, int n_threads, int n_cores = available_cores());
  /// Every team must have gone.
  ~SpareThreads();
  SpareThreads(const SpareThreads&) = delete;
  SpareThreads& operator=(const SpareThreads&) = delete;

  /// Lends the calling thread until close().
  void lend();
  /// Lets all lent threads go, now and later.
  void close();

  /// The team takes guests from now on. It does so itself, as it withdraws.
  void open(ThreadTeam& team);
  /// Returns when the team's guests have left.
  void withdraw(ThreadTeam& team);

  /// The threads that are with a team now.
  std::size_t n_guests() const;

 private:
  ThreadTeam* choose() const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ThreadTeam*> teams_;
  std::size_t n_guests_ = 0;
  std::size_t n_cores_;
  std::size_t n_more_;  // threads to start
  bool closed_ = false;
  std::vector<std::jthread> more_;
};

}  // namespace skarma
