#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace skarma::python {

/// Calls to Python that work wants made in the thread that waits for it, whose context (settings,
/// warnings, figures that are open) they are to find.
class Errands {
 public:
  /// From the thread of the work: returns once the call is made, with the GIL. What it raises ends
  /// the work with an exception, and is thrown where the work was waited for.
  void run(const std::function<void()>& call);

  /// In the thread that waits, without the GIL: waits for a call and makes it. Comes back after
  /// one, when it is time to look for signals, or when the work has ended, which it says: no more
  /// calls.
  bool serve();
  void end();
  /// What Ctrl-C in a call asks to stop.
  void stops(std::stop_source stop) { stop_ = std::move(stop); }
  bool was_interrupted() const { return was_interrupted_; }
  bool has_failed() const { return failure_ != nullptr; }
  [[noreturn]] void rethrow() const { std::rethrow_exception(failure_); }

 private:
  void make(const std::function<void()>& call);

  std::thread::id waiting_ = std::this_thread::get_id();
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* wanted_ = nullptr;
  bool has_ended_ = false;
  std::stop_source stop_;
  bool was_interrupted_ = false;
  std::exception_ptr failure_;
};

/// Does `work(stop_token)` without the GIL, in a thread of its own, while this one looks for
/// Ctrl-C. Returns whether there was one: the work was then asked to stop, and the exception is
/// left behind. What the work throws is thrown here, and so is what another signal's handler
/// raises. Only Python's main thread hears signals. Where no thread can be started, the work is
/// done in this one, which then hears nothing until it is through.
bool run_interruptible(const std::function<void(std::stop_token)>& work,
                       Errands* errands = nullptr);

}  // namespace skarma::python
