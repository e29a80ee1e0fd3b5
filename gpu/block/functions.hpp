#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <skarma/core/net/functions.hpp>
#include <skarma/gpu/block/portable.hpp>

// Activations, one number at a time.

namespace skarma::gpu {

template <class T>
SKARMA_PORTABLE T logistic(T z) {
  return 1 / (1 + std::exp(-z));
}

template <class T>
SKARMA_PORTABLE T lowest() {
  return -std::numeric_limits<T>::max();
}

/// The standard normal distribution's.
template <class T>
SKARMA_PORTABLE T normal_cdf(T z) {
  return std::erfc(-z * static_cast<T>(0.7071067811865476)) / 2;
}

/// gelu_tanh is z logistic(2 y) with this 2 y.
template <class T>
SKARMA_PORTABLE T gelu_tanh_argument(T z) {
  return static_cast<T>(1.5957691216057308) * (z + static_cast<T>(0.044715) * z * z * z);
}

/// mish is z tanh(log(1 + exp(z))).
template <class T>
SKARMA_PORTABLE T tanh_of_softplus(T z) {
  const T e = std::exp(z > 25 ? T(25) : z);  // beyond it is 1
  const T n = e * (e + 2);
  return n / (n + 2);
}

/// f(z), with the number that some take.
template <class T>
SKARMA_PORTABLE T activated(ActivationFunction f, T z, T number = 0) {
  const T x = z < -100 ? T(-100) : z;  // of -infinity nothing is left, and 0 times it would be NaN
  switch (f) {
    case kLogistic:
      return logistic(z);
    case kTanh:
      return std::tanh(z);
    case kRelu:
      return z < 0 ? T(0) : z;
    case kExp:
      return std::exp(z);
    case kGelu:
      return x * normal_cdf(x);
    case kGeluTanh:
      return x * logistic(gelu_tanh_argument(x));
    case kSilu:
      return x * logistic(x);
    case kMish:
      return x * tanh_of_softplus(x);
    case kLeakyRelu:  // 0 may not meet an infinity
      return z < 0 ? number * (z < lowest<T>() ? lowest<T>() : z) : z;
    case kElu:
      return z > 0 ? z : number * std::expm1(z);
    case kSelu:
      return z > 0 ? static_cast<T>(kSeluScale) * z
                   : static_cast<T>(kSeluAlphaScale) * std::expm1(z);
    case kSoftplus:
      return (z < 0 ? T(0) : z) + std::log1p(std::exp(z < 0 ? z : -z));
    case kSoftsign: {
      const T bounded = z < T(-1e30F) ? T(-1e30F) : z > T(1e30F) ? T(1e30F) : z;
      return bounded / (1 + (bounded < 0 ? -bounded : bounded));
    }
    case kHardTanh:
      return z < -1 ? T(-1) : z > 1 ? T(1) : z;
    case kHeaviside:
      return z < 0 ? T(0) : z >= 0 ? T(1) : z;
    case kIdentity:
    case kActivationFunctions:
      break;
  }
  return z;
}

/// The derivative at z, taken through the output f(z), or through z where activation.hpp says so.
template <class T>
SKARMA_PORTABLE T slope(ActivationFunction f, T through, T number = 0) {
  const T a = through;
  const T z = a < -100 ? T(-100) : a > 100 ? T(100) : a;
  switch (f) {
    case kLogistic:
      return a * (1 - a);
    case kTanh:
      return 1 - a * a;
    case kRelu:
      return a == 0 ? T(0) : T(1);
    case kGelu:
      return normal_cdf(z) + z * static_cast<T>(0.3989422804014327) * std::exp(-z * z / 2);
    case kGeluTanh: {
      const T s = logistic(gelu_tanh_argument(z));
      const T inner = static_cast<T>(1.5957691216057308) * (1 + static_cast<T>(0.134145) * z * z);
      return s + z * s * (1 - s) * inner;
    }
    case kSilu: {
      const T s = logistic(z);
      return s + z * s * (1 - s);
    }
    case kMish: {
      const T t = tanh_of_softplus(z);
      return t + z * (1 - t * t) * logistic(z);
    }
    case kLeakyRelu:
      return a > 0 ? T(1) : number;
    case kElu:
      return a > 0 ? T(1) : a + number;
    case kSelu:
      return a > 0 ? static_cast<T>(kSeluScale) : a + static_cast<T>(kSeluAlphaScale);
    case kSoftplus:
      return -std::expm1(-a);
    case kSoftsign:
      return (1 - (a < 0 ? -a : a)) * (1 - (a < 0 ? -a : a));
    case kHardTanh:
      return a * a < 1 ? T(1) : T(0);
    case kHeaviside:
      return 0;
    case kIdentity:
    case kExp:  // no hidden layer has it
    case kActivationFunctions:
      break;
  }
  return 1;
}

}  // namespace skarma::gpu
