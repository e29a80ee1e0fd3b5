#include <skarma/python/bindings/gil.hpp>

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

namespace py = pybind11;

namespace skarma::python {
namespace {

std::atomic<bool> is_ending = false;
std::atomic<int> n_working = 0;  // threads without the GIL
std::atomic<int> n_lost = 0;     // of their work: what called Python and never comes back
thread_local int n_working_here = 0;
thread_local int n_taken_here = 0;

std::mutex stops_mutex;
std::list<std::stop_source> stops;  // of all ongoing work

bool is_finalizing() {
#if PY_VERSION_HEX >= 0x030D0000
  return Py_IsFinalizing() != 0;
#else
  return _Py_IsFinalizing() != 0;
#endif
}

/// The end of a thread that must not go back into Python: what it holds stays as it is.
[[noreturn]] void wait_for_ever() {
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

/// Does something for which Python may take the GIL away. Should Python unwind this thread, that
/// ends here. Nothing that `work` has on the stack may have a destructor.
template <class Work>
auto unwound_no_further(Work work) {
  struct Barrier {
    bool is_through = false;
    ~Barrier() {
      if (is_through) return;
      if (n_taken_here > 0) ++n_lost;
      wait_for_ever();
    }
  } barrier;
  const auto result = work();
  barrier.is_through = true;
  return result;
}

py::object stolen(PyObject* object) {
  if (object == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(object);
}

/// Called when Python has ended, and before anything else of the process goes.
void wait_for_work() {
  using namespace std::chrono_literals;
  is_ending = true;
  {
    const std::lock_guard lock(stops_mutex);
    for (auto& stop : stops) stop.request_stop();
  }
  // A prediction cannot be asked to stop; a process that does not end would be worse than an end
  // in its middle.
  const auto give_up = std::chrono::steady_clock::now() + 30s;
  while (n_working > n_lost && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(1ms);
  }
}

void before_fork() { stops_mutex.lock(); }
void after_fork_in_parent() { stops_mutex.unlock(); }
/// The child has the calling thread alone. What the others have listed stays, and nobody hears it.
void after_fork_in_child() {
  n_working = n_working_here;
  n_lost = 0;
  stops_mutex.unlock();
}

}  // namespace

ReleasedGil::ReleasedGil() : ends_python_(is_finalizing()), state_(PyEval_SaveThread()) {
  ++n_working_here;
  ++n_working;
}

ReleasedGil::~ReleasedGil() noexcept(false) {
  --n_working_here;
  --n_working;
  if (!ends_python_ && (is_ending || is_finalizing())) wait_for_ever();
  unwound_no_further([this] {
    PyEval_RestoreThread(state_);
    return true;
  });
}

TakenGil::TakenGil() : is_taken_(!is_ending && Py_IsInitialized() != 0 && !is_finalizing()) {
  if (!is_taken_) return;
  ++n_taken_here;
  state_ = unwound_no_further([] { return PyGILState_Ensure(); });
}

TakenGil::~TakenGil() {
  if (!is_taken_) return;
  PyGILState_Release(state_);
  --n_taken_here;
}

py::object called(const py::handle& function, const py::tuple& arguments) {
  return stolen(
      unwound_no_further([&] { return PyObject_CallObject(function.ptr(), arguments.ptr()); }));
}

py::object attribute(const py::handle& object, const char* name) {
  return stolen(unwound_no_further([&] { return PyObject_GetAttrString(object.ptr(), name); }));
}

OngoingWork::OngoingWork(std::stop_source stop) {
  const std::lock_guard lock(stops_mutex);
  if (is_ending) stop.request_stop();
  place_ = stops.insert(stops.end(), std::move(stop));
  ++n_working_here;
  ++n_working;
}

OngoingWork::~OngoingWork() {
  const std::lock_guard lock(stops_mutex);
  stops.erase(place_);
  --n_working_here;
  --n_working;
}

bool is_main_thread() {
  const auto main_thread = attribute(py::module_::import("threading"), "main_thread");
  const auto ident = attribute(called(main_thread, py::tuple()), "ident");
  return ident.cast<unsigned long>() == PyThread_get_thread_ident();
}

void wait_for_work_at_end() {
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  // Python takes 32 such functions. The end of the process itself comes late, but not too late for
  // most.
  if (Py_AtExit(wait_for_work) != 0) std::atexit(wait_for_work);
}

}  // namespace skarma::python
