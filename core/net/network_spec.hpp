#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <skarma/core/base/random_state.hpp>
#include <skarma/core/net/activation.hpp>
#include <skarma/core/net/loss.hpp>

namespace skarma {

/// What a node computes from the values of the node that it reads, shape (rows, units).
enum class Operation {
  input,       // the samples
  dense,       // x W + b, slots "coefs" and "intercepts"
  activation,  // f(x), element by element
};

/// Some of a node's parameters and where they lie in the packed vector.
struct Slot {
  std::string_view name;
  std::size_t offset;
  std::size_t size;
  double bound;    // drawn uniform in +-bound at first
  bool penalised;  // by alpha, and by weight_decay
};

/// One node of a network. Nodes are named by their number, and read only nodes before them.
struct Node {
  Operation operation;
  std::size_t reads;             // a node; of no meaning to the input
  std::size_t units;             // of its values
  const Activation* activation;  // Operation::activation only
  std::vector<Slot> slots;
};

/// Where one dense layer lies in the packed parameter vector: W of shape (inputs, outputs),
/// row-major, at `coef`; the bias of shape (outputs) at `intercept`.
struct LayerPlace {
  std::size_t inputs;
  std::size_t outputs;
  std::size_t coef;
  std::size_t intercept;
};

/// What a network is, without its numbers: nodes in the order in which they are computed, and the
/// loss, whose link follows the last node. Parameters are packed as scikit-learn packs them: all W,
/// then all biases.
class NetworkSpec {
 public:
  /// Dense layers with so many units (inputs first, outputs last) and the activations of the hidden
  /// ones: one for each, or one for all. Throws std::invalid_argument for more parameters than any
  /// memory can hold.
  NetworkSpec(std::vector<std::size_t> layer_units, std::span<const Activation* const> hidden,
              const Loss& loss);
  NetworkSpec(std::vector<std::size_t> layer_units, const Activation& hidden, const Loss& loss);

  const std::vector<Node>& nodes() const { return nodes_; }
  const Loss& loss() const { return *loss_; }

  const std::vector<std::size_t>& layer_units() const { return layer_units_; }
  /// The activation of each hidden layer; without any, the one that was asked for.
  const std::vector<const Activation*>& activations() const { return activations_; }
  /// The dense nodes.
  const std::vector<LayerPlace>& layers() const { return layers_; }
  std::size_t n_inputs() const { return layer_units_.front(); }
  std::size_t n_outputs() const { return layer_units_.back(); }
  /// The penalised parameters, which are the first.
  std::size_t n_coefs() const { return layers_.front().intercept; }
  std::size_t n_parameters() const { return n_parameters_; }

 private:
  std::vector<std::size_t> layer_units_;
  std::vector<const Activation*> activations_;
  const Loss* loss_;
  std::vector<Node> nodes_;
  std::vector<LayerPlace> layers_;
  std::size_t n_parameters_ = 0;
};

/// Draws initial parameters node by node and slot by slot, so in scikit-learn's order W_0, b_0,
/// W_1, b_1, ..., in double and rounded to T. `parameters` is packed.
template <class T>
void initialise(const NetworkSpec& spec, RandomState& random_state, std::span<T> parameters);

}  // namespace skarma
