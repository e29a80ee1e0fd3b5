#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

#include <skarma/core/net/activation.hpp>

namespace skarma {

/// What a node computes from the values of the node that it reads, shape (rows, units).
enum class Operation {
  input,          // the samples
  dense,          // x W + b, slots "coefs" and "intercepts"
  activation,     // f(x), element by element
  batch_norm,     // (x - mean) / sqrt(variance + epsilon) * gamma + beta, slots of these names
  dropout,        // in training: 0 with the probability `rate`, else x / (1 - rate); otherwise x
  add,            // x + y
  noise,          // in training: x + `rate` times a standard normal number; otherwise x
  layer_norm,     // as batch_norm, by the mean and the variance of a row, slots "gamma" and "beta"
  alpha_dropout,  // dropout for what selu gives: see DroppedValues
  maxout,  // the largest of the columns j k ... j k + k - 1 of x, where k = x's units / units
  count
};

/// As model files name it.
constexpr std::string_view to_string(Operation operation) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Operation::count)> names = {
      "input", "dense", "activation", "batch_norm",    "dropout",
      "add",   "noise", "layer_norm", "alpha_dropout", "maxout"};
  static_assert(!names.back().empty());
  return names[static_cast<std::size_t>(operation)];
}

constexpr bool is_dropout(Operation operation) {
  return operation == Operation::dropout || operation == Operation::alpha_dropout;
}

/// The constants of batch normalisation (Ioffe and Szegedy, ICML 2015), those of PyTorch: a batch's
/// mean and variance are a `momentum` of the moving ones after it.
inline constexpr double kBatchNormEpsilon = 1e-5, kBatchNormMomentum = 0.1;
/// Of layer normalisation (Ba, Kiros and Hinton, arXiv:1607.06450), PyTorch's.
inline constexpr double kLayerNormEpsilon = 1e-5;

/// What dropout makes of x in training: factor x + shift, or `dropped` with the probability `rate`.
struct DroppedValues {
  double factor, shift, dropped;
  bool operator==(const DroppedValues&) const = default;
};

/// Inverted dropout (Srivastava et al., JMLR 15, 2014), which keeps the mean; or alpha-dropout
/// (Klambauer et al., NIPS 2017), where selu's lowest value takes the place of what is dropped, and
/// an affine map then keeps mean 0 and variance 1.
inline DroppedValues dropped_values(Operation operation, double rate) {
  const double kept = 1.0 - rate;
  if (operation == Operation::dropout) return {1.0 / kept, 0.0, 0.0};
  const double factor = 1.0 / std::sqrt(kept * (1.0 + rate * kSeluAlphaScale * kSeluAlphaScale));
  const double shift = factor * kSeluAlphaScale * rate;
  return {factor, shift, shift - factor * kSeluAlphaScale};
}

/// The first values: uniform in value +- bound, none drawn where the bound is 0.
struct Initial {
  double value = 0.0;
  double bound = 0.0;
};

/// Some of a node's parameters and where they lie in the packed vector.
struct Slot {
  std::string_view name;
  std::size_t offset;
  std::size_t size;
  Initial initial;
  bool penalised = false;     // by alpha, and by weight_decay
  bool trained = true;        // else an update rule finds a gradient of 0, or none
  double rate_factor = 1.0;   // of the learning rate
  double decay_factor = 1.0;  // of the weight decay
  bool frozen = false;        // no update rule changes it, whatever its gradient
};

/// One node of a network. Nodes are named by their number, and read only nodes before them.
struct Node {
  Operation operation;
  std::vector<std::size_t> reads;          // nodes: none, one, or the two that are added
  std::size_t units;                       // of its values
  std::optional<Activation> activation{};  // Operation::activation only
  double rate = 0.0;                       // of dropout; of noise its standard deviation
  std::vector<Slot> slots{};
};

/// Where one dense layer lies in the packed parameter vector: W of shape (inputs, outputs),
/// row-major, at `coef`; the bias of shape (outputs) at `intercept`.
struct LayerPlace {
  std::size_t inputs;
  std::size_t outputs;
  std::size_t coef;
  std::size_t intercept;
};

}  // namespace skarma
