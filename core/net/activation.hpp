#pragma once

#include <array>
#include <optional>
#include <string_view>

#include <skarma/core/net/functions.hpp>

namespace skarma {

/// What a derivative f'(z) is computed from: a = f(z), or z, which then has to be kept.
enum class Through { output, input };

/// One row of the table of hidden activations: scikit-learn's name, the function, and the factor f
/// of its initial bound sqrt(f / (fan_in + fan_out)) (Glorot and Bengio, AISTATS 2010).
struct Activation {
  std::string_view name;
  ActivationFunction function;
  double init_factor = 6.0;
  Through through = Through::output;
};

inline constexpr std::array kActivations = {
    Activation{"identity", kIdentity},
    Activation{"logistic", kLogistic, 2.0},
    Activation{"tanh", kTanh},
    Activation{"relu", kRelu},
    // Ours. x Phi(x), and as it was first approximated (Hendrycks and Gimpel, arXiv:1606.08415).
    Activation{"gelu", kGelu, 6.0, Through::input},
    Activation{"gelu_tanh", kGeluTanh, 6.0, Through::input},
    // x logistic(x) (Elfwing et al., Neural Networks 107, 2018).
    Activation{"silu", kSilu, 6.0, Through::input},
    // x tanh(log(1 + exp(x))) (Misra, BMVC 2020).
    Activation{"mish", kMish, 6.0, Through::input},
};

/// The row with this name, or null.
constexpr const Activation* find_activation(std::string_view name) {
  for (const Activation& row : kActivations) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace skarma
