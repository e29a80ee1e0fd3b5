#pragma once

#include <array>
#include <cstddef>
#include <numeric>
#include <span>

#include <skarma/core/base/matrix_view.hpp>

namespace skarma {

/// Whether no value is NaN or infinite: whether all of them times zero sum to zero, in several sums
/// that do not wait for each other.
template <class T>
bool all_finite(std::span<const T> values) {
  constexpr std::size_t kSums = 16;
  std::array<T, kSums> sums{};
  std::size_t i = 0;
  for (; i + kSums <= values.size(); i += kSums) {
    for (std::size_t k = 0; k < kSums; ++k) sums[k] += values[i + k] * T(0);
  }
  for (std::size_t k = 0; i < values.size(); ++i, ++k) sums[k] += values[i] * T(0);
  return std::accumulate(sums.begin(), sums.end(), T(0)) == T(0);
}

/// The same of a matrix.
template <class T>
bool all_finite(MatrixView<const T> values) {
  if (values.is_contiguous()) {
    return all_finite(std::span<const T>(values.data(), values.rows() * values.cols()));
  }
  for (std::size_t i = 0; i < values.rows(); ++i) {
    if (!all_finite(std::span<const T>(values.row(i)))) return false;
  }
  return true;
}

}  // namespace skarma
