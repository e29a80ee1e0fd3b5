#pragma once

#include <bit>
#include <cstdint>

// Branch-free exp, tanh, logistic and log, written so that a compiler vectorises loops over them.
// At most 2.5 units in the last place, NaN in = NaN out. Every function has internal linkage: the
// file is compiled once per instruction set, and no two of those may share a symbol.

namespace skarma::kernels {

template <class T>
struct FloatFormat;

template <>
struct FloatFormat<double> {
  using Bits = std::uint64_t;
  static constexpr int mantissa_bits = 52;
  static constexpr double bias = 1023.0;
  static constexpr double rounder = 0x1.8p52;  // adding it rounds to an integer
  static constexpr double ln2_high = 0x1.62e42fefap-1;
  static constexpr double ln2_low = 0x1.cf79abc9e3b39p-40;
  static constexpr double exp_lowest = -746.0;
  static constexpr double exp_highest = 710.0;
  static constexpr double epsilon = 0x1p-52;
  static constexpr int exp_terms = 13;
};

template <>
struct FloatFormat<float> {
  using Bits = std::uint32_t;
  static constexpr int mantissa_bits = 23;
  static constexpr float bias = 127.0F;
  static constexpr float rounder = 0x1.8p23F;
  static constexpr float ln2_high = 0x1.62ep-1F;
  static constexpr float ln2_low = 0x1.0bfbe8p-15F;
  static constexpr float exp_lowest = -104.0F;
  static constexpr float exp_highest = 89.0F;
  static constexpr float epsilon = 0x1p-23F;
  static constexpr int exp_terms = 7;
};

template <class T>
struct ReducedExp {
  T fraction;  // exp(r) - 1 for the remainder r, |r| <= ln(2) / 2
  T exponent;  // whole number n with x = n ln(2) + r
};

/// 1 / k!, exactly rounded by the compiler.
template <class T>
constexpr T inverse_factorial(int k) {
  double product = 1.0;
  for (int i = 2; i <= k; ++i) product *= i;
  return static_cast<T>(1.0 / product);
}

/// 1/k! + r/(k+1)! + r^2/(k+2)! + ..., Horner's rule unrolled at compile time.
template <class T, int k>
[[gnu::always_inline]] static inline T exp_series(T r) {
  if constexpr (k == FloatFormat<T>::exp_terms) {
    constexpr T last = inverse_factorial<T>(k);
    return last;
  } else {
    constexpr T term = inverse_factorial<T>(k);
    return term + r * exp_series<T, k + 1>(r);
  }
}

template <class T>
[[gnu::always_inline]] static inline ReducedExp<T> reduce_exp(T x) {
  using F = FloatFormat<T>;
  constexpr T log2_e = static_cast<T>(1.4426950408889634);
  const T n = (x * log2_e + F::rounder) - F::rounder;
  const T r = (x - n * F::ln2_high) - n * F::ln2_low;
  return {r + r * (r * exp_series<T, 2>(r)), n};  // r itself is not rounded again
}

/// 2^n for a whole number n within the exponent range of normal numbers.
template <class T>
[[gnu::always_inline]] static inline T power_of_two(T n) {
  using F = FloatFormat<T>;
  const auto bits = std::bit_cast<typename F::Bits>(n + (F::rounder + F::bias));
  return std::bit_cast<T>(static_cast<typename F::Bits>(bits << F::mantissa_bits));
}

template <class T>
[[gnu::always_inline]] static inline T exp(T x) {
  using F = FloatFormat<T>;
  const T raised = x < F::exp_lowest ? F::exp_lowest : x;
  const T clamped = raised > F::exp_highest ? F::exp_highest : raised;
  const auto [fraction, n] = reduce_exp(clamped);
  // In two factors, so that results near the largest and the denormal numbers come out right.
  const T half = (n * T(0.5) + F::rounder) - F::rounder;
  return ((fraction + T(1)) * power_of_two(half)) * power_of_two(n - half);
}

template <class T>
[[gnu::always_inline]] static inline T logistic(T x) {
  return T(1) / (T(1) + kernels::exp(-x));
}

/// tanh(|x|) = e / (e + 2) with e = exp(2 |x|) - 1, which loses nothing near zero.
template <class T>
[[gnu::always_inline]] static inline T tanh(T x) {
  using F = FloatFormat<T>;
  using Bits = typename F::Bits;
  constexpr Bits sign_bit = Bits(1) << (sizeof(T) * 8 - 1);
  const Bits bits = std::bit_cast<Bits>(x);
  const T twice = T(2) * std::bit_cast<T>(static_cast<Bits>(bits & ~sign_bit));
  const T clamped = twice > T(40) ? T(40) : twice;
  const auto [fraction, n] = reduce_exp(clamped);
  const T scale = power_of_two(n);
  const T e = fraction * scale + (scale - T(1));
  const T magnitude = e / (e + T(2));
  return std::bit_cast<T>(static_cast<Bits>(std::bit_cast<Bits>(magnitude) | (bits & sign_bit)));
}

/// log(m) = 2 s (1 + s^2/3 + s^4/5 + ...) with s = (m - 1) / (m + 1), from the k-th term on.
template <int k>
[[gnu::always_inline]] static inline double log_series(double z) {
  constexpr double term = 2.0 / (2 * k + 1);
  if constexpr (k == 10) {
    return term;
  } else {
    return term + z * log_series<k + 1>(z);
  }
}

/// Natural logarithm of a positive normal number (what a clipped probability is) or NaN.
[[gnu::always_inline]] static inline double log(double x) {
  constexpr std::uint64_t mantissa = (std::uint64_t(1) << 52) - 1;
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  const double exponent =
      std::bit_cast<double>((bits >> 52) | std::bit_cast<std::uint64_t>(0x1p52)) -
      (0x1p52 + FloatFormat<double>::bias);
  const double m = std::bit_cast<double>((bits & mantissa) | std::bit_cast<std::uint64_t>(1.0));
  const bool large = m > 1.4142135623730951;
  const double centred = large ? 0.5 * m : m;
  const double n = large ? exponent + 1.0 : exponent;
  const double f = centred - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double series = (2.0 * s + s * z * log_series<1>(z)) + n * FloatFormat<double>::ln2_low;
  const double result = series + n * FloatFormat<double>::ln2_high;
  return x != x ? x : result;
}

}  // namespace skarma::kernels
