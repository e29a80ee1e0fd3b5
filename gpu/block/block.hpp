#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <skarma/gpu/block/portable.hpp>

namespace skarma::gpu {

/// How many there are of something that one block works on, and places among them: in 32 bits,
/// which a GPU divides by several times as fast.
using Count = std::uint32_t;

/// Threads that run one function together, as those of a CUDA block do: each knows its rank, and
/// sync() returns when all have come to it, who then see what the others wrote before.
template <class B>
concept Block = requires(B& block) {
  { block.rank() } -> std::convertible_to<Count>;
  { block.size() } -> std::convertible_to<Count>;
  block.sync();
};

/// A block of one thread.
struct SoloBlock {
  SKARMA_PORTABLE Count rank() const { return 0; }
  SKARMA_PORTABLE Count size() const { return 1; }
  SKARMA_PORTABLE void sync() {}
};

/// f(0) ... f(n - 1), each called by one of the threads; all are done when it returns. What f(i)
/// computes must not depend on who calls it: then bits do not depend on the size of the block.
template <Block B, class F>
SKARMA_PORTABLE void each(B& block, Count n, const F& f) {
  for (Count i = block.rank(); i < n; i += block.size()) f(i);
  block.sync();
}

/// to[i] = from[i] for all i < n.
template <class T, Block B>
SKARMA_PORTABLE void copy(B& block, const T* from, Count n, T* to) {
  each(block, n, [&](Count i) { to[i] = from[i]; });
}

/// A sum that is made of kPartialSums partial ones: number i has the terms i, i + kPartialSums, ...
inline constexpr Count kPartialSums = 256;

template <Block B>
SKARMA_PORTABLE void start_sum(B& block, double* partial) {
  each(block, kPartialSums, [&](Count i) { partial[i] = 0.0; });
}

/// Adds the terms number first ... first + n - 1, term(0) ... term(n - 1). However the terms are
/// dealt out to calls, the order of additions is the same.
template <Block B, class Term>
SKARMA_PORTABLE void add_terms(B& block, Count first, Count n, double* partial, const Term& term) {
  each(block, kPartialSums, [&](Count i) {
    const Count skipped = (i + kPartialSums - first % kPartialSums) % kPartialSums;
    for (Count k = skipped; k < n; k += kPartialSums) partial[i] += term(k);
  });
}

/// For all threads.
template <Block B>
SKARMA_PORTABLE double finish_sum(B& block, double* partial) {
  for (Count half = kPartialSums / 2; half > 0; half /= 2) {
    each(block, half, [&](Count i) { partial[i] += partial[i + half]; });
  }
  const double total = partial[0];
  block.sync();  // before anybody writes there again
  return total;
}

/// The sum of term(0) ... term(n - 1), for all threads.
template <Block B, class Term>
SKARMA_PORTABLE double sum(B& block, Count n, double* partial, const Term& term) {
  start_sum(block, partial);
  add_terms(block, 0, n, partial, term);
  return finish_sum(block, partial);
}

}  // namespace skarma::gpu
