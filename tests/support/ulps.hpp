#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace skarma::test {

/// The distance of `computed` from `exact` in units of the last place of a T of that size; overflow
/// to infinity counts as the number after the largest one.
template <class T>
double ulps(T computed, long double exact) {
  using Limits = std::numeric_limits<T>;
  if (std::isnan(computed) || std::isnan(exact)) {
    return std::isnan(computed) && std::isnan(exact) ? 0.0 : Limits::infinity();
  }
  const long double end = std::ldexp(1.0L, Limits::max_exponent);
  const auto limited = [end](long double v) { return std::clamp(v, -end, end); };
  const long double value = limited(exact);
  const int exponent = value == 0.0L ? Limits::min_exponent - 1
                                     : std::clamp(std::ilogb(value), Limits::min_exponent - 1,
                                                  Limits::max_exponent - 1);
  const long double unit = std::ldexp(1.0L, exponent - (Limits::digits - 1));
  return static_cast<double>(std::fabs(limited(static_cast<long double>(computed)) - value) / unit);
}

}  // namespace skarma::test
