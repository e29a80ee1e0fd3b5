#pragma once

#include <array>
#include <optional>
#include <string_view>

#include <skarma/core/kernels/kernel_table.hpp>

namespace skarma {

/// One row of the table of hidden activations: scikit-learn's name, the kernel, and the factor f of
/// its initial bound sqrt(f / (fan_in + fan_out)) (Glorot and Bengio, AISTATS 2010).
struct Activation {
  std::string_view name;
  kernels::ActivationKernel kernel;
  double init_factor;
};

inline constexpr std::array kActivations = {
    Activation{"identity", kernels::kIdentity, 6.0},
    Activation{"logistic", kernels::kLogistic, 2.0},
    Activation{"tanh", kernels::kTanh, 6.0},
    Activation{"relu", kernels::kRelu, 6.0},
};

/// The row with this name, or null.
constexpr const Activation* find_activation(std::string_view name) {
  for (const Activation& row : kActivations) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace skarma
