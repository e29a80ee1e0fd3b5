#pragma once

#include <list>
#include <stop_token>

#include <pybind11/pybind11.h>

namespace skarma::python {

// Any number of threads may be inside skarma when the process ends: it waits for their work, which
// is asked to stop, and the threads themselves never come back. pybind11's own guards end the
// process with std::terminate there: before Python 3.14, a thread that wants the GIL of an
// interpreter on its way out is unwound by pthread_exit, through destructors.

/// Gives the GIL back while it lives, for work that does not touch Python.
class ReleasedGil {
 public:
  ReleasedGil();
  ~ReleasedGil() noexcept(false);
  ReleasedGil(const ReleasedGil&) = delete;
  ReleasedGil& operator=(const ReleasedGil&) = delete;

 private:
  bool ends_python_;  // this thread is the one that ends the interpreter, and may go on
  PyThreadState* state_;
};

/// Takes the GIL in any thread of ours; false once Python is on its way out, when there is nobody
/// left to call.
class TakenGil {
 public:
  TakenGil();
  ~TakenGil();
  TakenGil(const TakenGil&) = delete;
  TakenGil& operator=(const TakenGil&) = delete;
  explicit operator bool() const { return is_taken_; }

 private:
  bool is_taken_;
  PyGILState_STATE state_{};
};

/// Python code may give the GIL away, so these are safe in the same way. With the GIL.
pybind11::object called(const pybind11::handle& function, const pybind11::tuple& arguments);
pybind11::object attribute(const pybind11::handle& object, const char* name);

/// Work in a thread of ours. The end of the process asks it to stop, and waits for it.
class OngoingWork {
 public:
  explicit OngoingWork(std::stop_source stop);
  ~OngoingWork();
  OngoingWork(const OngoingWork&) = delete;
  OngoingWork& operator=(const OngoingWork&) = delete;

 private:
  std::list<std::stop_source>::iterator place_;
};

/// Whether this is the thread in which Python's signal handlers run. With the GIL.
bool is_main_thread();
/// From now on the process waits, at its end, until no work is left.
void wait_for_work_at_end();

}  // namespace skarma::python
