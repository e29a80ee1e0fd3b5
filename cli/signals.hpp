#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace skarma::cli {

/// Turns Ctrl-C (SIGINT), SIGTERM and SIGHUP into a stop request. A second SIGINT or SIGTERM, a
/// quarter of a second or more after the first signal, ends the program at once (`timeout` sends
/// each signal twice). A handler and not a blocked signal, because BLAS starts threads before main,
/// which would not block it. One watcher at a time; signals that the parent process chose to ignore
/// stay ignored. Where the system refuses a thread, signals do what they do without a watcher.
class InterruptWatcher {
 public:
  InterruptWatcher();
  ~InterruptWatcher();
  InterruptWatcher(const InterruptWatcher&) = delete;
  InterruptWatcher& operator=(const InterruptWatcher&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  /// 128 + the signal that asked for the stop, as a shell has it; kInterrupted without one.
  int exit_code() const;

 private:
  void watch();

  std::stop_source source_;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

/// As long as one of these lives, a signal ends the program at once, with a line that says so:
/// there is no work yet that could get lost, and a read may never come back.
class NothingToLose {
 public:
  NothingToLose();
  ~NothingToLose();
  NothingToLose(const NothingToLose&) = delete;
  NothingToLose& operator=(const NothingToLose&) = delete;
};

}  // namespace skarma::cli
