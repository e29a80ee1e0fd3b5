#include <skarma/tests/allocation/thread_starts.hpp>

#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>

namespace skarma::test {

std::atomic<int> n_thread_starts{0};
std::atomic<int> n_allowed_threads{-1};

}  // namespace skarma::test

using skarma::test::n_allowed_threads;
using skarma::test::n_thread_starts;

/// In the place of the C library's, for the C++ library's std::thread, too.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*work)(void*), void* argument) {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  if (n_allowed_threads >= 0 && n_allowed_threads-- <= 0) {
    n_allowed_threads = 0;
    return EAGAIN;
  }
  ++n_thread_starts;
  return create(thread, attributes, work, argument);
}
