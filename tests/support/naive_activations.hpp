#pragma once

#include <cmath>

#include <skarma/core/kernels/kernel_table.hpp>

namespace skarma::test {

/// An activation by its definition; `kernel` is its place in the tables of kernels.
inline long double activated(int kernel, long double z) {
  switch (kernel) {
    case kernels::kLogistic:
      return 1 / (1 + std::exp(-z));
    case kernels::kTanh:
      return std::tanh(z);
    case kernels::kRelu:
      return z < 0 ? 0 : z;
    case kernels::kExp:
      return std::exp(z);
    default:
      return z;
  }
}

/// The derivative through the output a.
inline long double derivative(int kernel, long double a) {
  switch (kernel) {
    case kernels::kLogistic:
      return a * (1 - a);
    case kernels::kTanh:
      return 1 - a * a;
    case kernels::kRelu:
      return a == 0 ? 0 : 1;
    default:
      return 1;
  }
}

}  // namespace skarma::test
