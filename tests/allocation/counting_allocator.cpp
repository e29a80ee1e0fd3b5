#include <skarma/tests/allocation/counting_allocator.hpp>

#include <malloc.h>
#include <cerrno>
#include <cstdlib>
#include <new>

namespace skarma::test {

std::atomic<long> n_allocations{0};
std::atomic<long> live_bytes{0};
std::atomic<long> most_live_bytes{0};
std::atomic<long> n_before_refusal{-1};
std::atomic<long> n_refusals{0};

namespace {

/// Whether this allocation is one that a test wants to fail.
bool is_refused() {
  if (n_before_refusal < 0 || n_before_refusal-- != 0) return false;
  if (--n_refusals > 0) n_before_refusal = 0;
  return true;
}

void* counted(void* memory) {
  if (memory == nullptr) return nullptr;
  ++n_allocations;
  const long live = live_bytes += static_cast<long>(malloc_usable_size(memory));
  long most = most_live_bytes;
  while (live > most && !most_live_bytes.compare_exchange_weak(most, live)) {
  }
  return memory;
}

}  // namespace
}  // namespace skarma::test

using skarma::test::counted;
using skarma::test::is_refused;

extern "C" {
void* __real_malloc(std::size_t size);
int __real_posix_memalign(void** memory, std::size_t alignment, std::size_t size);
void* __real_aligned_alloc(std::size_t alignment, std::size_t size);
void __real_free(void* memory);

void* __wrap_malloc(std::size_t size) {
  return is_refused() ? nullptr : counted(__real_malloc(size));
}
int __wrap_posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  if (is_refused()) return ENOMEM;
  const int error = __real_posix_memalign(memory, alignment, size);
  if (error == 0) counted(*memory);
  return error;
}
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size) {
  return is_refused() ? nullptr : counted(__real_aligned_alloc(alignment, size));
}
void __wrap_free(void* memory) {
  if (memory != nullptr) {
    skarma::test::live_bytes -= static_cast<long>(malloc_usable_size(memory));
  }
  __real_free(memory);
}
}

void* operator new(std::size_t size) {
  if (is_refused()) throw std::bad_alloc();
  if (void* memory = counted(__real_malloc(size))) return memory;
  throw std::bad_alloc();
}
// Not inlined: g++ would take the pair of our new and their free for a mistake.
[[gnu::noinline]] void operator delete(void* memory) noexcept { __wrap_free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { __wrap_free(memory); }
