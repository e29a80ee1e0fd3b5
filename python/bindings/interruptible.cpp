#include <skarma/python/bindings/interruptible.hpp>

#include <chrono>
#include <exception>
#include <future>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <skarma/python/bindings/gil.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

/// What came of the signals that arrived.
struct Signals {
  bool interrupted = false;
  std::optional<py::error_already_set> error;  // what a handler other than Ctrl-C's raised

  bool came() {
    const TakenGil gil;
    if (!gil || PyErr_CheckSignals() == 0) return false;
    if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
      PyErr_Clear();
      interrupted = true;
    } else {
      error.emplace();
    }
    return true;
  }
};

std::thread started(std::packaged_task<void()>& task) {
  try {
    return std::thread(std::ref(task));
  } catch (const std::system_error&) {
    return {};
  }
}

constexpr auto kLook = std::chrono::milliseconds(50);

/// What a call that was made for the work has left behind ends it.
struct ErrandFailed : std::exception {};

void run_beside(std::packaged_task<void()>& task, bool hears, std::stop_source& stop,
                Signals& signals, Errands* errands) {
  const OngoingWork ongoing(stop);
  const std::future<void> done = task.get_future();
  std::thread worker = started(task);
  if (!worker.joinable()) return task();
  const auto wait = [&] {
    if (errands != nullptr && !errands->serve()) return false;
    return done.wait_for(kLook) == std::future_status::ready;
  };
  while (!wait()) {
    if (hears && signals.came()) stop.request_stop();
  }
  worker.join();
}

}  // namespace

void Errands::make(const std::function<void()>& call) {
  const TakenGil gil;
  if (!gil) return;
  try {
    call();
  } catch (const py::error_already_set& error) {
    was_interrupted_ = error.matches(PyExc_KeyboardInterrupt);
    if (was_interrupted_) {
      stop_.request_stop();
    } else {
      failure_ = std::current_exception();
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
}

void Errands::run(const std::function<void()>& call) {
  if (std::this_thread::get_id() == waiting_) {
    make(call);
  } else {
    std::unique_lock lock(mutex_);
    wanted_ = &call;
    changed_.notify_all();
    changed_.wait(lock, [this] { return wanted_ == nullptr; });
  }
  if (failure_) throw ErrandFailed();
}

bool Errands::serve() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kLook, [this] { return wanted_ != nullptr || has_ended_; });
  if (wanted_ == nullptr) return has_ended_;
  const auto& call = *wanted_;
  lock.unlock();
  make(call);
  lock.lock();
  wanted_ = nullptr;
  changed_.notify_all();
  return false;
}

void Errands::end() {
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  changed_.notify_all();
}

bool run_interruptible(const std::function<void(std::stop_token)>& work, Errands* errands) {
  std::stop_source stop;
  std::exception_ptr failure;
  std::packaged_task<void()> task([&] {
    try {
      work(stop.get_token());
    } catch (...) {
      failure = std::current_exception();
    }
    if (errands != nullptr) errands->end();
  });
  if (errands != nullptr) errands->stops(stop);
  Signals signals;
  const bool hears = is_main_thread();
  {
    const ReleasedGil released;
    run_beside(task, hears, stop, signals, errands);
  }
  if (signals.error) throw py::error_already_set(std::move(*signals.error));
  if (errands != nullptr && errands->has_failed()) errands->rethrow();
  if (failure) std::rethrow_exception(failure);
  return signals.interrupted || (errands != nullptr && errands->was_interrupted());
}

}  // namespace skarma::python
