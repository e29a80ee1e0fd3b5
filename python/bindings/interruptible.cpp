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

void run_beside(std::packaged_task<void()>& task, bool hears, std::stop_source& stop,
                Signals& signals) {
  constexpr auto kLook = std::chrono::milliseconds(50);
  const OngoingWork ongoing(stop);
  const std::future<void> done = task.get_future();
  std::thread worker = started(task);
  if (!worker.joinable()) return task();
  while (done.wait_for(kLook) != std::future_status::ready) {
    if (hears && signals.came()) stop.request_stop();
  }
  worker.join();
}

}  // namespace

bool run_interruptible(const std::function<void(std::stop_token)>& work) {
  std::stop_source stop;
  std::exception_ptr failure;
  std::packaged_task<void()> task([&] {
    try {
      work(stop.get_token());
    } catch (...) {
      failure = std::current_exception();
    }
  });
  Signals signals;
  const bool hears = is_main_thread();
  {
    const ReleasedGil released;
    run_beside(task, hears, stop, signals);
  }
  if (signals.error) throw py::error_already_set(std::move(*signals.error));
  if (failure) std::rethrow_exception(failure);
  return signals.interrupted;
}

}  // namespace skarma::python
