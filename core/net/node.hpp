#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include <skarma/core/net/activation.hpp>

namespace skarma {

/// What a node computes from the values of the node that it reads, shape (rows, units).
enum class Operation {
  input,       // the samples
  dense,       // x W + b, slots "coefs" and "intercepts"
  activation,  // f(x), element by element
  batch_norm,  // (x - mean) / sqrt(variance + epsilon) * gamma + beta, slots of these names
  dropout,     // in training: 0 with the probability `rate`, else x / (1 - rate); otherwise x
  add,         // x + y
  count
};

/// As model files name it.
constexpr std::string_view to_string(Operation operation) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Operation::count)> names = {
      "input", "dense", "activation", "batch_norm", "dropout", "add"};
  static_assert(!names.back().empty());
  return names[static_cast<std::size_t>(operation)];
}

/// The constants of batch normalisation (Ioffe and Szegedy, ICML 2015), those of PyTorch: a batch's
/// mean and variance are a `momentum` of the moving ones after it.
inline constexpr double kBatchNormEpsilon = 1e-5, kBatchNormMomentum = 0.1;

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
  double rate = 0.0;                       // Operation::dropout only
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
