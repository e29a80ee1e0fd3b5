#include <skarma/core/kernels/blas_threads.hpp>

#include <cblas.h>
#include <pthread.h>

#include <mutex>

namespace skarma::kernels {
namespace {

std::mutex guard_mutex;
int n_guards = 0;
thread_local int n_guards_of_this_thread = 0;
bool is_lowered = false;
int threads_before = 1;

// A fork copies the calling thread alone. Without these handlers, a child could find the mutex
// locked for ever, and would wait for the guards of threads that it does not have.
void before_fork() { guard_mutex.lock(); }
void after_fork_in_parent() { guard_mutex.unlock(); }
void after_fork_in_child() {
  n_guards = n_guards_of_this_thread;
  guard_mutex.unlock();
}
[[maybe_unused]] const int fork_handlers =
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);

}  // namespace

SingleThreadedBlas::SingleThreadedBlas() {
  const std::lock_guard lock(guard_mutex);
  ++n_guards;
  ++n_guards_of_this_thread;
  if (is_lowered) return;
  threads_before = openblas_get_num_threads();
  if (threads_before != 1) openblas_set_num_threads(1);
  is_lowered = true;
}

SingleThreadedBlas::~SingleThreadedBlas() {
  const std::lock_guard lock(guard_mutex);
  --n_guards_of_this_thread;
  if (--n_guards > 0) return;
  if (threads_before != 1) openblas_set_num_threads(threads_before);
  is_lowered = false;
}

std::string blas_description() {
  // The configuration starts with "OpenBLAS 0.3.21 ..." and names build options after that.
  const std::string config = openblas_get_config();
  const auto name_end = config.find(' ');
  const auto version_end = config.find(' ', name_end + 1);
  return config.substr(0, version_end) + " (" + openblas_get_corename() + ")";
}

}  // namespace skarma::kernels
