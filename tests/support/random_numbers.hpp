#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/random_state.hpp>

namespace skarma::test {

/// n numbers, uniform in [low, high).
template <class T = double>
std::vector<T> random_numbers(std::size_t n, std::uint32_t seed, double low = -1.0,
                              double high = 1.0) {
  RandomState random_state(seed);
  std::vector<T> result(n);
  for (T& v : result) v = static_cast<T>(random_state.uniform(low, high));
  return result;
}

template <class T = double>
Matrix<T> random_matrix(std::size_t rows, std::size_t cols, std::uint32_t seed) {
  return {rows, cols, random_numbers<T>(rows * cols, seed)};
}

}  // namespace skarma::test
