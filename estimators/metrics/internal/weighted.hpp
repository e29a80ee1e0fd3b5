#pragma once

#include <cstddef>
#include <span>

namespace skarma {

/// The weight of sample i; no weights are weights of 1.
inline double weight_at(std::span<const double> weights, std::size_t i) {
  return weights.empty() ? 1.0 : weights[i];
}

/// part / whole; nothing of nothing is 0.
inline double ratio(double part, double whole) { return whole == 0.0 ? 0.0 : part / whole; }

}  // namespace skarma
