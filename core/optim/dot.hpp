#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace skarma {

// The sums of a minimisation, which amplifies rounding: in one order on every machine. BLAS's
// depend on its threads and on the processor.

/// term(0) + ... + term(n - 1), in eight chains.
template <class Term>
double sum_of(std::size_t n, const Term& term) {
  constexpr std::size_t kChains = 8;
  std::array<double, kChains> sums{};
  std::size_t i = 0;
  for (; i + kChains <= n; i += kChains) {
#pragma GCC unroll 1  // g++ 12 takes vectors for a loop alone: less than half the time
    for (std::size_t k = 0; k < kChains; ++k) sums[k] += term(i + k);
  }
  double sum = 0.0;
  for (; i < n; ++i) sum += term(i);
  for (const double chain : sums) sum += chain;
  return sum;
}

/// a'b.
inline double dot(std::span<const double> a, std::span<const double> b) {
  return sum_of(a.size(), [&](std::size_t i) { return a[i] * b[i]; });
}

}  // namespace skarma
