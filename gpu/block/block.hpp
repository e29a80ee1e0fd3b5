#pragma once

#include <concepts>
#include <cstddef>

#include <skarma/gpu/block/portable.hpp>

namespace skarma::gpu {

/// Threads that run one function together, as those of a CUDA block do: each knows its rank, and
/// sync() returns when all have come to it, who then see what the others wrote before.
template <class B>
concept Block = requires(B& block) {
  { block.rank() } -> std::convertible_to<std::size_t>;
  { block.size() } -> std::convertible_to<std::size_t>;
  block.sync();
};

/// A block of one thread.
struct SoloBlock {
  SKARMA_PORTABLE std::size_t rank() const { return 0; }
  SKARMA_PORTABLE std::size_t size() const { return 1; }
  SKARMA_PORTABLE void sync() {}
};

/// f(0) ... f(n - 1), each called by one of the threads; all are done when it returns. What f(i)
/// computes must not depend on who calls it: then bits do not depend on the size of the block.
template <Block B, class F>
SKARMA_PORTABLE void each(B& block, std::size_t n, const F& f) {
  for (std::size_t i = block.rank(); i < n; i += block.size()) f(i);
  block.sync();
}

/// The sum of term(0) ... term(n - 1) in an order that depends on n alone, for all threads.
/// `partial` has room for kPartialSums numbers.
inline constexpr std::size_t kPartialSums = 256;
template <Block B, class Term>
SKARMA_PORTABLE double sum(B& block, std::size_t n, double* partial, const Term& term) {
  each(block, kPartialSums, [&](std::size_t lane) {
    partial[lane] = 0.0;
    for (std::size_t i = lane; i < n; i += kPartialSums) partial[lane] += term(i);
  });
  double total = 0.0;
  for (std::size_t lane = 0; lane < kPartialSums; ++lane) total += partial[lane];
  block.sync();  // before anybody writes there again
  return total;
}

}  // namespace skarma::gpu
