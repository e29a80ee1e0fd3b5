#pragma once

#include <barrier>
#include <cstddef>
#include <thread>
#include <vector>

#include <skarma/gpu/block/block.hpp>

namespace skarma::gpu {

/// One of several threads of this process that are a block.
class ThreadOfBlock {
 public:
  ThreadOfBlock(Count rank, Count size, std::barrier<>& barrier)
      : rank_(rank), size_(size), barrier_(&barrier) {}
  Count rank() const { return rank_; }
  Count size() const { return size_; }
  void sync() { barrier_->arrive_and_wait(); }

 private:
  Count rank_;
  Count size_;
  std::barrier<>* barrier_;
};

/// Runs body(block), which must not throw, on a block of `n_threads`. A real barrier and real races
/// are what the thread sanitizer sees.
template <class Body>
void run_block(Count n_threads, const Body& body) {
  if (n_threads == 1) {
    SoloBlock block;
    body(block);
    return;
  }
  std::barrier<> barrier(static_cast<std::ptrdiff_t>(n_threads));
  std::vector<std::jthread> others;
  others.reserve(n_threads - 1);
  for (Count rank = 1; rank < n_threads; ++rank) {
    others.emplace_back([&barrier, &body, rank, n_threads] {
      ThreadOfBlock block(rank, n_threads, barrier);
      body(block);
    });
  }
  ThreadOfBlock block(0, n_threads, barrier);
  body(block);
}

}  // namespace skarma::gpu
