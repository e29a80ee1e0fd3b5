#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace skarma::test {

/// max|a - b| <= rtol * max|b|, the measure of the golden files; a NaN must meet a NaN.
template <class A, class B>
::testing::AssertionResult close(const std::vector<A>& a, const std::vector<B>& b, double rtol) {
  if (a.size() != b.size()) {
    return ::testing::AssertionFailure() << a.size() << " numbers, expected " << b.size();
  }
  double largest = 0.0, difference = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    if (x == y || (std::isnan(x) && std::isnan(y))) {
      if (std::isfinite(y)) largest = std::max(largest, std::abs(y));
      continue;
    }
    if (!std::isfinite(x) || !std::isfinite(y)) {
      return ::testing::AssertionFailure() << "[" << i << "] is " << x << ", expected " << y;
    }
    largest = std::max(largest, std::abs(y));
    difference = std::max(difference, std::abs(x - y));
  }
  if (difference <= rtol * largest) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "largest difference " << difference << " is " << difference / largest
         << " of the largest number, allowed " << rtol;
}

inline ::testing::AssertionResult close(double a, double b, double rtol) {
  return close(std::vector{a}, std::vector{b}, rtol);
}

inline std::uint64_t bits(double v) { return std::bit_cast<std::uint64_t>(v); }
inline std::uint32_t bits(float v) { return std::bit_cast<std::uint32_t>(v); }

/// Equal to the last bit: -0 is not 0, NaN is the same NaN.
template <class T>
::testing::AssertionResult same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) {
    return ::testing::AssertionFailure() << a.size() << " numbers, expected " << b.size();
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (bits(a[i]) != bits(b[i])) {
      return ::testing::AssertionFailure() << "[" << i << "] is " << ::testing::PrintToString(a[i])
                                           << ", expected " << ::testing::PrintToString(b[i]);
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace skarma::test
