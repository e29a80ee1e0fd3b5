#pragma once

#include <cstddef>
#include <span>

namespace skarma {

/// The sum of contiguous numbers in NumPy's order of additions (pairwise, in blocks of up to 128):
/// ties in mean scores are exact equality, so that the order matters.
inline double pairwise_sum(std::span<const double> x) {
  const std::size_t n = x.size();
  if (n < 8) {
    double sum = 0.0;
    for (const double v : x) sum += v;
    return sum;
  }
  if (n > 128) {
    const std::size_t half = n / 2 - n / 2 % 8;
    return pairwise_sum(x.first(half)) + pairwise_sum(x.subspan(half));
  }
  double r[8];
  for (std::size_t k = 0; k < 8; ++k) r[k] = x[k];
  std::size_t i = 8;
  for (; i + 8 <= n; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) r[k] += x[i + k];
  }
  double sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  for (; i < n; ++i) sum += x[i];
  return sum;
}

}  // namespace skarma
