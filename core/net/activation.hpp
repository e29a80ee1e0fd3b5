#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <skarma/core/net/functions.hpp>

namespace skarma {

/// What a derivative f'(z) is computed from: a = f(z), or z, which then has to be kept.
enum class Through { output, input };

/// An activation of hidden layers: scikit-learn's name, the function, the factor f of its initial
/// bound sqrt(f / (fan_in + fan_out)) (Glorot and Bengio, AISTATS 2010), and for some a number.
struct Activation {
  std::string_view name;
  ActivationFunction function;
  double init_factor = 6.0;
  Through through = Through::output;
  std::string_view number_name{};  // empty: it takes none
  double number = 0.0;             // from 0
  bool operator==(const Activation&) const = default;
};

/// Their table, with the numbers that they have unless others are given.
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
    // x, or slope x below 0 (Maas et al., ICML 2013). At 0 the derivative is the slope.
    Activation{"leaky_relu", kLeakyRelu, 6.0, Through::output, "slope", 0.01},
    // x, or alpha (exp(x) - 1) below 0 (Clevert et al., ICLR 2016).
    Activation{"elu", kElu, 6.0, Through::output, "alpha", 1.0},
    // elu with an alpha and a scale that keep mean 0 and variance 1 (Klambauer et al., NIPS 2017).
    Activation{"selu", kSelu},
    // log(1 + exp(x)) (Dugas et al., NIPS 2000).
    Activation{"softplus", kSoftplus},
    // x / (1 + |x|) (Glorot and Bengio, AISTATS 2010).
    Activation{"softsign", kSoftsign},
    // x within -1 and 1 (Collobert, 2004), whose derivative is 0 there and beyond.
    Activation{"hard_tanh", kHardTanh},
    // 1 from 0 on, else 0 (McCulloch and Pitts, 1943). Its derivative is 0: what lies before it
    // keeps its weights, as in Rosenblatt's perceptron (Psychological Review 65, 1958).
    Activation{"step", kHeaviside},
};

/// The largest of some linear pieces (Goodfellow et al., ICML 2013). It is no function of one
/// number: a layer of n units has n times as many columns of coefs, those of a unit side by side,
/// and Operation::maxout behind them. Element by element it is the identity.
inline constexpr Activation kMaxout{"maxout", kIdentity, 6.0, Through::output, "pieces", 2.0};

/// How many columns of coefs a unit has.
constexpr std::size_t pieces_of(const Activation& activation) {
  return activation.name == kMaxout.name ? static_cast<std::size_t>(activation.number) : 1;
}

/// The row with this name, or maxout.
constexpr std::optional<Activation> find_activation(std::string_view name) {
  if (name == kMaxout.name) return kMaxout;
  for (const Activation& row : kActivations) {
    if (row.name == name) return row;
  }
  return std::nullopt;
}

/// Reads "relu", "leaky_relu", "leaky_relu(0.1)" or "leaky_relu(slope=0.1)". Throws
/// std::invalid_argument, which says what it takes.
Activation parse_activation(std::string_view text);

/// As it is read: "relu", "leaky_relu(0.1)"; the name alone where its number is the table's.
std::string to_string(const Activation& activation);

}  // namespace skarma
