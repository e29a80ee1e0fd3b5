#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>
#include <utility>

// Branch-free exp, expm1, logistic, tanh, normal_cdf and softplus of a number or of a compiler's
// vector of numbers, and reciprocal and log of a number, of which a compiler vectorises loops. At
// most 2.5 units in the last place (normal_cdf: of 1), NaN in = NaN out. Every function has
// internal linkage: the file is compiled once per instruction set, and no two of those may share a
// symbol.

namespace skarma::kernels {

template <class T>
struct FloatFormat;

/// exp_highest: where exp overflows, and 2^(n - 1) does, too (see ReducedExp).
/// exp_series: p in exp(r) - 1 = r + r^2 p(r), whose largest relative error for |r| <= ln(2) / 2 is
/// least: 2^-55.5 and 2^-26.0. By Remez's exchange algorithm with 60 digits, where one coefficient
/// after another was rounded and the rest fitted again.
/// erfc_series: erfc(z) exp(z^2) / t as a polynomial of u = scale t + shift in [-1, 1], where
/// t = 3 / (3 + z) and 0 <= z <= erfc_highest, beyond which erfc is 0. Interpolated in Chebyshev's
/// points with 50 digits.
template <>
struct FloatFormat<double> {
  using Bits = std::uint64_t;
  static constexpr int mantissa_bits = 52;
  static constexpr double bias = 1023.0;
  static constexpr double rounder = 0x1.8p52;  // adding it rounds to an integer
  static constexpr double ln2_high = 0x1.62e42fefap-1;
  static constexpr double ln2_low = 0x1.cf79abc9e3b39p-40;
  static constexpr double exp_lowest = -746.0;
  static constexpr double exp_highest = 710.4;  // n = 1025
  static constexpr double epsilon = 0x1p-52;
  static constexpr double lowest = -0x1.fffffffffffffp1023;
  static constexpr double exp_series[] = {
      0x1.0000000000005p-1,  0x1.5555555555544p-3,  0x1.5555555552040p-5,  0x1.11111111152ddp-7,
      0x1.6c16c17f7b3b6p-10, 0x1.a01a018fc4f7ap-13, 0x1.a019a5979686ep-16, 0x1.71de3fe84876bp-19,
      0x1.28a3a81939c49p-22, 0x1.aeeeeb74c7822p-26};
  static constexpr double erfc_highest = 27.5;
  static constexpr double erfc_scale = 0x1.1bed61bed61bfp+1;
  static constexpr double erfc_shift = -0x1.37dac37dac37ep+0;
  static constexpr double erfc_series[] = {
      0x1.8e4e9f95212a9p-2,   0x1.36863ac05f6c4p-2,   0x1.7e65a28579f43p-3,
      0x1.68562519e0c0ap-4,   0x1.de07287afe37cp-6,   0x1.4b8be149f2dc6p-8,
      -0x1.41acf481e64ccp-11, -0x1.1c4791a5685b4p-11, -0x1.3ff7b7410ffb1p-15,
      0x1.8fda09ee3737ep-15,  0x1.024c7dee80649p-17,  -0x1.4dde99c32a2f8p-18,
      -0x1.e844495ce7323p-21, 0x1.57abaa18441fep-21,  0x1.489d9eb5cfd0cp-24,
      -0x1.8de51e251a733p-24, 0x1.d861c3caf085bp-33,  0x1.c7c41562c14cep-27,
      -0x1.1564c19c0bcd8p-29, -0x1.c17406967b81fp-30, 0x1.1043e412fd019p-31,
      0x1.38ac0e126baecp-33,  -0x1.d235171a559b9p-35, -0x1.8b7b83182a090p-38};
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
  static constexpr float exp_highest = 89.4F;  // n = 129
  static constexpr float epsilon = 0x1p-23F;
  static constexpr float lowest = -0x1.fffffep127F;
  static constexpr float exp_series[] = {0x1.fffffep-2F, 0x1.5554aap-3F, 0x1.55579ap-5F,
                                         0x1.122c36p-7F, 0x1.6ac088p-10F};
  static constexpr float erfc_highest = 10.5F;
  static constexpr float erfc_scale = 0x1.492492p+1F;
  static constexpr float erfc_shift = -0x1.924924p+0F;
  static constexpr float erfc_series[] = {
      0x1.bcd152p-2F, 0x1.3ddb18p-2F,  0x1.590814p-3F,   0x1.13dca6p-4F,  0x1.2630aep-6F,
      0x1.0f50bp-9F,  -0x1.ee49dp-12F, -0x1.95c4c4p-13F, 0x1.fac0dcp-18F, 0x1.841f54p-17F};
};

/// The type of the numbers in V, a number or a vector, and a V of integers of their size.
template <class V>
struct Lanes {
  using T = std::remove_cvref_t<decltype(std::declval<V&>()[0])>;
  using BitsOfLane = typename FloatFormat<T>::Bits;
  typedef BitsOfLane Bits __attribute__((vector_size(sizeof(V))));
};
template <>
struct Lanes<double> {
  using T = double;
  using Bits = FloatFormat<double>::Bits;
};
template <>
struct Lanes<float> {
  using T = float;
  using Bits = FloatFormat<float>::Bits;
};

template <class V>
using BitsOf = typename Lanes<V>::Bits;
template <class V>
using FormatOf = FloatFormat<typename Lanes<V>::T>;

/// x, but at least `low`. NaN stays NaN here and below.
template <class V>
[[gnu::always_inline]] static inline V at_least(typename Lanes<V>::T low, V x) {
  const V bound = V{} + low;
  return x < bound ? bound : x;
}

template <class V>
[[gnu::always_inline]] static inline V at_most(typename Lanes<V>::T high, V x) {
  const V bound = V{} + high;
  return x > bound ? bound : x;
}

/// coefficients[k] + coefficients[k + 1] r + ..., Horner's rule unrolled at compile time.
template <int k = 0, class V>
[[gnu::always_inline]] static inline V exp_series(V r) {
  using F = FormatOf<V>;
  if constexpr (k + 1 == std::extent_v<decltype(F::exp_series)>) {
    return V{} + F::exp_series[k];
  } else {
    return F::exp_series[k] + r * exp_series<k + 1>(r);
  }
}

/// x = n ln(2) + r with a whole number n and |r| <= ln(2) / 2.
template <class V>
struct ReducedExp {
  V fraction;  // exp(r) - 1
  V n;
  V half_power;  // 2^(n - 1), if it is normal or the infinity next to those
};

/// 2^(k - bias) for a whole number k, which is in the lowest bits of shifted = rounder + k.
template <class V>
[[gnu::always_inline]] static inline V power_of_two(V shifted) {
  const auto bits = std::bit_cast<BitsOf<V>>(shifted);
  return std::bit_cast<V>(static_cast<BitsOf<V>>(bits << FormatOf<V>::mantissa_bits));
}

template <class V>
[[gnu::always_inline]] static inline ReducedExp<V> reduce_exp(V x) {
  using F = FormatOf<V>;
  using T = typename Lanes<V>::T;
  constexpr T log2_e = static_cast<T>(1.4426950408889634);
  constexpr T shift = F::rounder + (F::bias - 1);
  const V shifted = x * log2_e + shift;
  const V n = shifted - shift;
  const V r = (x - n * F::ln2_high) - n * F::ln2_low;
  return {r + r * (r * exp_series(r)), n, power_of_two(shifted)};  // r itself is not rounded again
}

template <class V>
[[gnu::always_inline]] static inline V exp(V x) {
  using F = FormatOf<V>;
  using T = typename Lanes<V>::T;
  const auto [fraction, n, _] = reduce_exp(at_most(F::exp_highest, at_least(F::exp_lowest, x)));
  // In two factors, so that results near the largest and the denormal numbers come out right.
  const V half = (n * T(0.5) + F::rounder) - F::rounder;
  constexpr T shift = F::rounder + F::bias;
  return ((fraction + T(1)) * power_of_two(half + shift)) * power_of_two((n - half) + shift);
}

/// exp(x) - 1 = 2^n (1 + fraction) - 1 for x <= 0. Nothing is lost near zero, where n is 0.
template <class V>
[[gnu::always_inline]] static inline V expm1_of_negative(V x) {
  using T = typename Lanes<V>::T;
  const auto [fraction, _, half_power] = reduce_exp(at_least(T(-40), x));
  return T(2) * ((half_power - T(0.5)) + fraction * half_power);
}

/// 1 / (1 + exp(-x)), both sides of the quotient halved: where exp(-x) just overflows the result is
/// not yet 0.
template <class V>
[[gnu::always_inline]] static inline V logistic(V x) {
  using T = typename Lanes<V>::T;
  const V clamped = at_most(T(40), at_least(-FormatOf<V>::exp_highest, x));
  const auto [fraction, _, half_power] = reduce_exp(-clamped);
  return T(0.5) / ((fraction + T(1)) * half_power + T(0.5));
}

/// tanh(|x|) = (1 - e) / (1 + e) with e = exp(-2 |x|) = 2^n + 2^n fraction, both sides of the
/// quotient halved. Nothing is lost near zero, where 1 - 2^n is 0.
template <class V>
[[gnu::always_inline]] static inline V tanh(V x) {
  using T = typename Lanes<V>::T;
  using Bits = BitsOf<V>;
  constexpr auto sign_bit = typename FormatOf<V>::Bits(1) << (sizeof(T) * 8 - 1);
  const Bits bits = std::bit_cast<Bits>(x);
  const V clamped = at_most(T(20), std::bit_cast<V>(static_cast<Bits>(bits & ~sign_bit)));
  const auto [fraction, _, half_power] = reduce_exp(T(-2) * clamped);
  const V numerator = (T(0.5) - half_power) - fraction * half_power;
  const V denominator = (T(0.5) + half_power) + fraction * half_power;
  const Bits magnitude = std::bit_cast<Bits>(numerator / denominator);
  return std::bit_cast<V>(static_cast<Bits>(magnitude | (bits & sign_bit)));
}

/// As exp_series.
template <int k = 0, class V>
[[gnu::always_inline]] static inline V erfc_series(V u) {
  using F = FormatOf<V>;
  if constexpr (k + 1 == std::extent_v<decltype(F::erfc_series)>) {
    return V{} + F::erfc_series[k];
  } else {
    return F::erfc_series[k] + u * erfc_series<k + 1>(u);
  }
}

/// The standard normal distribution's share below x: erfc(-x / sqrt(2)) / 2.
template <class V>
[[gnu::always_inline]] static inline V normal_cdf(V x) {
  using F = FormatOf<V>;
  using T = typename Lanes<V>::T;
  const V z = at_most(F::erfc_highest, (x < V{} ? -x : x) * static_cast<T>(0.7071067811865476));
  const V t = T(3) / (T(3) + z);
  const V tail = (T(0.5) * t) * erfc_series(F::erfc_scale * t + F::erfc_shift) * exp(-z * z);
  return x < V{} ? tail : T(1) - tail;
}

/// 1 / d for a positive normal d of at most 1e300, without a division: Halley's iteration, which
/// triples the digits, from a straight line through the exponents that is within 1/8 of it.
[[gnu::always_inline]] static inline double reciprocal(double d) {
  constexpr std::uint64_t line = 0x7fde623822fc16e6;
  double y = std::bit_cast<double>(line - std::bit_cast<std::uint64_t>(d));
  for (int iteration = 0; iteration < 3; ++iteration) {
    const double error = 1.0 - d * y;
    y += y * (error + error * error);
  }
  return y;
}

/// log(m) = 2 s (1 + s^2/3 + s^4/5 + ...) with s = (m - 1) / (m + 1), from the k-th term on, of
/// z = s^2.
template <int k, class V>
[[gnu::always_inline]] static inline V log_series(V z) {
  constexpr auto term = static_cast<typename Lanes<V>::T>(2.0 / (2 * k + 1));
  if constexpr (k == 10) {
    return V{} + term;
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

/// log(1 + exp(x)) = max(x, 0) + log(1 + e) with e = exp(-|x|) <= 1, where 1 + e or its half is
/// near 1.
template <class V>
[[gnu::always_inline]] static inline V softplus(V x) {
  using T = typename Lanes<V>::T;
  const V e = kernels::exp(x < V{} ? x : -x);
  const auto is_large = e > V{} + T(0.41421356);
  const V s = (is_large ? e - T(1) : e) / (is_large ? e + T(3) : e + T(2));
  const V z = s * s;
  const V near_one = T(2) * s + s * z * log_series<1>(z);
  const V logarithm = is_large ? near_one + static_cast<T>(0.6931471805599453) : near_one;
  return at_least(T(0), x) + logarithm;
}

}  // namespace skarma::kernels
