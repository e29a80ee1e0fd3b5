#pragma once

#include <cstddef>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace skarma::internal {

/// Starts `n` threads that call `work`. Company is a help, not a need: where the system gives no
/// more threads, there are fewer.
template <class Work>
void start_threads(std::vector<std::jthread>& threads, std::size_t n, const Work& work) {
  try {
    for (std::size_t i = 0; i < n; ++i) threads.emplace_back(work);
  } catch (const std::system_error&) {
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace skarma::internal
