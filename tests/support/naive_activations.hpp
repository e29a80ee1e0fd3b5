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
    default:
      return z;
  }
}

/// The derivative through the output a, or through the input z of those that want it.
inline long double derivative(int kernel, long double a) {
  const long double z = a;
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
    default:
      return 1;
  }
}

}  // namespace skarma::test
