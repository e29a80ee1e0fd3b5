#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <skarma/core/net/activation.hpp>

namespace skarma::test {

/// The kernels of hidden layers, which have a derivative.
inline constexpr auto kHiddenActivations = [] {
  std::array<ActivationFunction, kActivations.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = kActivations[i].function;
  return all;
}();

/// The number that a kernel takes, as the table has it; 0 for those that take none.
inline double number_of(int kernel) {
  const auto row = std::ranges::find(kActivations, kernel, &Activation::function);
  return row == kActivations.end() ? 0.0 : row->number;
}

/// Those whose derivative is taken through z.
inline bool is_through_input(int kernel) {
  return std::ranges::any_of(kActivations, [=](const Activation& activation) {
    return activation.function == kernel && activation.through == Through::input;
  });
}

inline long double normal_cdf(long double z) { return std::erfc(-z / std::sqrt(2.0L)) / 2; }
inline const long double kGeluTanhScale = std::sqrt(2 / std::numbers::pi_v<long double>);

/// An activation by its definition; `kernel` is its place in the tables of kernels.
inline long double activated(int kernel, long double z) {
  const long double number = number_of(kernel);
  switch (kernel) {
    case kLogistic:
      return 1 / (1 + std::exp(-z));
    case kTanh:
      return std::tanh(z);
    case kRelu:
      return z < 0 ? 0 : z;
    case kExp:
      return std::exp(z);
    case kGelu:
      return z * normal_cdf(z);
    case kGeluTanh:
      return z * (1 + std::tanh(kGeluTanhScale * (z + 0.044715L * z * z * z))) / 2;
    case kSilu:
      return z / (1 + std::exp(-z));
    case kMish:
      return z * std::tanh(std::log1p(std::exp(z)));
    case kLeakyRelu:
      return z < 0 ? number * z : z;
    case kElu:
      return z > 0 ? z : number * std::expm1(z);
    case kSelu:
      return z > 0 ? kSeluScale * z : kSeluAlphaScale * std::expm1(z);
    case kSoftplus:
      return std::max(z, 0.0L) + std::log1p(std::exp(-std::abs(z)));
    case kSoftsign:
      return std::isinf(z) ? std::copysign(1.0L, z) : z / (1 + std::abs(z));
    case kHardTanh:
      return std::clamp(z, -1.0L, 1.0L);
    case kHeaviside:
      return z < 0 ? 0 : 1;
    default:
      return z;
  }
}

/// The derivative through the output a, or through the input z of those that want it.
inline long double derivative(int kernel, long double a) {
  const long double z = a, number = number_of(kernel);
  switch (kernel) {
    case kLogistic:
      return a * (1 - a);
    case kTanh:
      return 1 - a * a;
    case kRelu:
      return a == 0 ? 0 : 1;
    case kGelu:
      return normal_cdf(z) +
             z * std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi_v<long double>);
    case kGeluTanh: {
      const long double tanh = std::tanh(kGeluTanhScale * (z + 0.044715L * z * z * z));
      const long double slope = kGeluTanhScale * (1 + 3 * 0.044715L * z * z);
      return (1 + tanh) / 2 + z * (1 - tanh * tanh) * slope / 2;
    }
    case kSilu: {
      const long double s = 1 / (1 + std::exp(-z));
      return s + z * s * (1 - s);
    }
    case kMish: {
      const long double tanh = std::tanh(std::log1p(std::exp(z)));
      return tanh + z * (1 - tanh * tanh) / (1 + std::exp(-z));
    }
    case kLeakyRelu:
      return a > 0 ? 1 : number;
    case kElu:
      return a > 0 ? 1 : a + number;
    case kSelu:
      return a > 0 ? kSeluScale : a + kSeluAlphaScale;
    case kSoftplus:
      return -std::expm1(-a);
    case kSoftsign:
      return (1 - std::abs(a)) * (1 - std::abs(a));
    case kHardTanh:
      return std::abs(a) < 1 ? 1 : 0;
    case kHeaviside:
      return 0;
    default:
      return 1;
  }
}

}  // namespace skarma::test
