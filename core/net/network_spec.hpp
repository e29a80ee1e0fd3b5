#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <skarma/core/net/layer.hpp>
#include <skarma/core/net/loss.hpp>
#include <skarma/core/net/node.hpp>
#include <skarma/core/net/plan.hpp>

namespace skarma {

/// Trained parameters that lie side by side and that an update rule treats alike.
struct ParameterRun {
  std::size_t begin;
  std::size_t end;
  bool penalised;
  double rate_factor;
  double decay_factor;
};

/// The rate of dropout after every hidden layer; or one a layer, that of the inputs first. Below 1.
using DropoutRates = std::variant<double, std::vector<double>>;

/// What stands around the activations of hidden layers, and before the first one. A hidden layer is
/// dense, batch_norm or layer_norm, activation, dropout (after selu alpha_dropout) and add, as far
/// as they are there.
struct HiddenLayerOptions {
  DropoutRates dropout = 0.0;
  bool batch_norm = false;  // before each activation
  bool residual = false;    // a hidden layer as wide as the hidden one before adds what that gave
  bool layer_norm = false;  // before each activation, not beside batch_norm
  double noise = 0.0;       // standard deviation of what is added to the inputs, before dropout
  bool operator==(const HiddenLayerOptions&) const = default;
};

/// What a NetworkSpec says.
struct NetworkParts {
  std::vector<std::size_t> layer_units;
  std::vector<Activation> activations;
  LossChoice loss;
  HiddenLayerOptions options;
  bool is_chain = false;
  std::vector<Node> nodes{};
  std::vector<LayerPlace> layers{};
  std::vector<ParameterRun> runs{};
  std::size_t n_trained = 0;
  std::size_t n_parameters = 0;
  Plan plan{};
};

/// What a network is, without its numbers: nodes in the order in which they are computed, and the
/// loss, whose link follows the last node. Parameters are packed as scikit-learn packs them: all W,
/// then all biases; then what other nodes train, and last the moving statistics, which are not
/// trained. Copies share what they say, and cost nothing.
class NetworkSpec {
 public:
  /// Dense layers with so many units (inputs first, outputs last) and the activations of the hidden
  /// ones: one for each, or one for all. A loss of quantiles has one an output. Throws
  /// std::invalid_argument for more parameters than any memory can hold.
  NetworkSpec(std::vector<std::size_t> layer_units, std::span<const Activation> hidden,
              const LossChoice& loss, const HiddenLayerOptions& options = {});
  NetworkSpec(std::vector<std::size_t> layer_units, const Activation& hidden,
              const LossChoice& loss, const HiddenLayerOptions& options = {});
  /// A chain of any layers, from images or from rows of numbers (1, 1, n). The last layer is dense.
  /// Throws std::invalid_argument for layers that do not fit together.
  NetworkSpec(const ImageShape& input, std::span<const Layer> layers, const LossChoice& loss);
  /// What another NetworkSpec said of itself.
  explicit NetworkSpec(std::shared_ptr<const NetworkParts> parts) : parts_(std::move(parts)) {}

  const std::vector<Node>& nodes() const { return parts_->nodes; }
  const Loss& loss() const { return *parts_->loss.row; }
  const LossChoice& loss_choice() const { return parts_->loss; }
  /// What the loss takes (LossChoice).
  const std::vector<double>& loss_numbers() const { return parts_->loss.numbers; }
  const Plan& plan() const { return parts_->plan; }
  const HiddenLayerOptions& options() const { return parts_->options; }

  /// Whether it was made of a list of layers, which options() and activations() say nothing of.
  bool is_chain() const { return parts_->is_chain; }
  /// Of a chain: the inputs, and of each node with weights the units.
  const std::vector<std::size_t>& layer_units() const { return parts_->layer_units; }
  /// The activation of each hidden layer; without any, the one that was asked for.
  const std::vector<Activation>& activations() const { return parts_->activations; }
  /// The nodes with weights.
  const std::vector<LayerPlace>& layers() const { return parts_->layers; }
  std::size_t n_inputs() const { return layer_units().front(); }
  std::size_t n_outputs() const { return layer_units().back(); }
  /// The penalised parameters, which are the first.
  std::size_t n_coefs() const { return layers().front().intercept; }
  /// All of them, moving statistics included.
  std::size_t n_parameters() const { return parts_->n_parameters; }
  /// Those that update rules change, which are the first.
  std::size_t n_trained() const { return parts_->n_trained; }
  /// The trained parameters by what an update rule is to know of them, in their order: coefs, then
  /// intercepts, unless factors say more.
  const std::vector<ParameterRun>& runs() const { return parts_->runs; }
  /// Sets the factors of all slots with this name.
  void set_factors(std::string_view slot, double rate_factor, double decay_factor);
  /// The same without its link: its outputs are what the last layer computes.
  NetworkSpec unlinked() const;
  /// From now on the coefs and intercepts of these layers (from 0: those that read the inputs), and
  /// what layer_norm trains of them, stay as they are: they are in no run. Throws
  /// std::invalid_argument for a layer that is not there, and where nothing would be left to train.
  void freeze(std::span<const int> layers);
  /// The places of what is frozen, as pairs of begin and end.
  std::vector<std::pair<std::size_t, std::size_t>> frozen() const;
  bool has(Operation operation) const;
  /// Whether a row's outputs in training depend on random numbers or on the rows beside it.
  bool differs_in_training() const { return has(Operation::batch_norm) || draws(); }
  /// Whether they depend on random numbers.
  bool draws() const;

 private:
  std::shared_ptr<const NetworkParts> parts_;
};

}  // namespace skarma
