#pragma once

#include <atomic>

namespace skarma::test {

/// Threads that have been started in this process since it was set to 0.
extern std::atomic<int> n_thread_starts;
/// How many more threads start before the system refuses one; -1: all of them.
extern std::atomic<int> n_allowed_threads;

}  // namespace skarma::test
