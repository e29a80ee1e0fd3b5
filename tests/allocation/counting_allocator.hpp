#pragma once

#include <atomic>

namespace skarma::test {

// The program's allocations: the linker turns every malloc, aligned_alloc, posix_memalign and free
// of our code and of Armadillo's into counting ones, and operator new is replaced.

extern std::atomic<long> n_allocations;
/// Bytes in use, and the most of them since somebody set it back to those in use.
extern std::atomic<long> live_bytes;
extern std::atomic<long> most_live_bytes;

/// How many more allocations there are before some are refused, -1: none is; and how many then are.
extern std::atomic<long> n_before_refusal;
extern std::atomic<long> n_refusals;

}  // namespace skarma::test
