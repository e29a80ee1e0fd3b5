#include <skarma/core/kernels/blas_threads.hpp>

#include <cblas.h>

#include <mutex>

namespace skarma::kernels {
namespace {

std::mutex guard_mutex;
int n_guards = 0;
int threads_before = 1;

}  // namespace

SingleThreadedBlas::SingleThreadedBlas() {
  const std::lock_guard lock(guard_mutex);
  if (n_guards++ == 0) {
    threads_before = openblas_get_num_threads();
    if (threads_before != 1) openblas_set_num_threads(1);
  }
}

SingleThreadedBlas::~SingleThreadedBlas() {
  const std::lock_guard lock(guard_mutex);
  if (--n_guards == 0 && threads_before != 1) openblas_set_num_threads(threads_before);
}

std::string blas_description() {
  // The configuration starts with "OpenBLAS 0.3.21 ..." and names build options after that.
  const std::string config = openblas_get_config();
  const auto name_end = config.find(' ');
  const auto version_end = config.find(' ', name_end + 1);
  return config.substr(0, version_end) + " (" + openblas_get_corename() + ")";
}

}  // namespace skarma::kernels
