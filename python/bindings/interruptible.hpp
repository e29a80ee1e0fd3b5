#pragma once

#include <chrono>
#include <future>
#include <stop_token>
#include <thread>
#include <utility>

#include <pybind11/pybind11.h>

namespace skarma::python {

/// Does `work(stop_token)` without the GIL, in a thread of its own, while this one looks for
/// Ctrl-C. Returns whether there was one: the work was then asked to stop, and the exception is
/// left behind. What the work throws is thrown here.
template <class Work>
bool run_interruptible(Work work) {
  constexpr auto kLook = std::chrono::milliseconds(50);
  const pybind11::gil_scoped_release release;
  std::packaged_task<void(std::stop_token)> task(std::move(work));
  std::future<void> done = task.get_future();
  std::jthread worker(std::move(task));
  bool interrupted = false;
  while (done.wait_for(kLook) != std::future_status::ready) {
    const pybind11::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() == 0) continue;
    if (!PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
      worker.request_stop();
      throw pybind11::error_already_set();
    }
    PyErr_Clear();
    interrupted = true;
    worker.request_stop();
  }
  worker.join();
  done.get();
  return interrupted;
}

}  // namespace skarma::python
