#include <skarma/core/net/network_spec.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {
namespace {

/// Throws for more parameters, with their moments, than addresses. Counted in double: a product of
/// whole numbers could wrap.
void check_size(const std::vector<std::size_t>& layer_units) {
  constexpr double kMost = 0x1p56;
  double n = 0.0;
  for (std::size_t i = 1; i < layer_units.size(); ++i) {
    n += (static_cast<double>(layer_units[i - 1]) + 1.0) * static_cast<double>(layer_units[i]);
  }
  if (n < kMost) return;
  throw std::invalid_argument(fmt::format(
      "hidden_layer_sizes: a network with layers of [{}] units has about {:.3g} weights, "
      "more than any memory can hold.",
      fmt::join(layer_units, ", "), n));
}

/// The places of all W, then of all biases.
std::vector<LayerPlace> packed(const std::vector<std::size_t>& layer_units) {
  std::vector<LayerPlace> layers;
  std::size_t offset = 0;
  for (std::size_t i = 0; i + 1 < layer_units.size(); ++i) {
    layers.push_back({layer_units[i], layer_units[i + 1], offset, 0});
    offset += layer_units[i] * layer_units[i + 1];
  }
  for (LayerPlace& layer : layers) {
    layer.intercept = offset;
    offset += layer.outputs;
  }
  return layers;
}

/// Of Glorot and Bengio (AISTATS 2010), with scikit-learn's factors.
double initial_bound(const LayerPlace& layer, const Activation& activation) {
  return std::sqrt(activation.init_factor / static_cast<double>(layer.inputs + layer.outputs));
}

Node dense_node(const LayerPlace& layer, std::size_t reads, double bound) {
  return {Operation::dense,
          reads,
          layer.outputs,
          nullptr,
          {{"coefs", layer.coef, layer.inputs * layer.outputs, bound, true},
           {"intercepts", layer.intercept, layer.outputs, bound, false}}};
}

}  // namespace

NetworkSpec::NetworkSpec(std::vector<std::size_t> layer_units,
                         std::span<const Activation* const> hidden, const Loss& loss)
    : layer_units_(std::move(layer_units)),
      activations_(hidden.begin(), hidden.end()),
      loss_(&loss) {
  SKARMA_CHECK(layer_units_.size() >= 2);
  check_size(layer_units_);
  layers_ = packed(layer_units_);
  const std::size_t n_hidden = layers_.size() - 1;
  if (activations_.size() == 1) activations_.resize(std::max<std::size_t>(n_hidden, 1), hidden[0]);
  SKARMA_CHECK(activations_.size() == std::max<std::size_t>(n_hidden, 1));
  nodes_.push_back({Operation::input, 0, layer_units_.front(), nullptr, {}});
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    // The last layer's weights are drawn as those of the layer before it.
    const Activation& activation = *activations_[std::min(i, activations_.size() - 1)];
    nodes_.push_back(
        dense_node(layers_[i], nodes_.size() - 1, initial_bound(layers_[i], activation)));
    if (i == n_hidden) break;
    nodes_.push_back(
        {Operation::activation, nodes_.size() - 1, layers_[i].outputs, &activation, {}});
  }
  n_parameters_ = layers_.back().intercept + layers_.back().outputs;
}

NetworkSpec::NetworkSpec(std::vector<std::size_t> layer_units, const Activation& hidden,
                         const Loss& loss)
    : NetworkSpec(std::move(layer_units), std::array{&hidden}, loss) {}

template <class T>
void initialise(const NetworkSpec& spec, RandomState& random_state, std::span<T> parameters) {
  SKARMA_CHECK(parameters.size() == spec.n_parameters());
  for (const Node& node : spec.nodes()) {
    for (const Slot& slot : node.slots) {
      for (T& w : parameters.subspan(slot.offset, slot.size)) {
        w = static_cast<T>(random_state.uniform(-slot.bound, slot.bound));
      }
    }
  }
}

template void initialise<float>(const NetworkSpec&, RandomState&, std::span<float>);
template void initialise<double>(const NetworkSpec&, RandomState&, std::span<double>);

}  // namespace skarma
