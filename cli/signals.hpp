#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace skarma::cli {

/// Turns Ctrl-C (SIGINT) into a stop request; a second one ends the program at once with exit code
/// 130. A handler and not a blocked signal, because BLAS starts threads before main, which would
/// not block it. One at a time; a SIGINT that the parent process chose to ignore stays ignored.
class InterruptWatcher {
 public:
  InterruptWatcher();
  ~InterruptWatcher();
  InterruptWatcher(const InterruptWatcher&) = delete;
  InterruptWatcher& operator=(const InterruptWatcher&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  void watch();

  std::stop_source source_;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace skarma::cli
