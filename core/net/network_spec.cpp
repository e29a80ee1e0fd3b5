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
          {reads},
          layer.outputs,
          nullptr,
          0.0,
          {{"coefs", layer.coef, layer.inputs * layer.outputs, {0.0, bound}, true},
           {"intercepts", layer.intercept, layer.outputs, {0.0, bound}}}};
}

/// Its slots have no places yet.
Node batch_norm_node(std::size_t units, std::size_t reads) {
  return {Operation::batch_norm,
          {reads},
          units,
          nullptr,
          0.0,
          {{"gamma", 0, units, {1.0, 0.0}},
           {"beta", 0, units, {0.0, 0.0}},
           {"mean", 0, units, {0.0, 0.0}, false, false},
           {"variance", 0, units, {1.0, 0.0}, false, false}}};
}

bool are_alike(const ParameterRun& a, const ParameterRun& b) {
  return a.penalised == b.penalised && a.rate_factor == b.rate_factor &&
         a.decay_factor == b.decay_factor;
}

}  // namespace

NetworkSpec::NetworkSpec(std::vector<std::size_t> layer_units,
                         std::span<const Activation* const> hidden, const Loss& loss,
                         const HiddenLayerOptions& options)
    : layer_units_(std::move(layer_units)),
      activations_(hidden.begin(), hidden.end()),
      loss_(&loss),
      options_(options) {
  SKARMA_CHECK(layer_units_.size() >= 2);
  check_size(layer_units_);
  layers_ = packed(layer_units_);
  const std::size_t n_hidden = layers_.size() - 1;
  if (activations_.size() == 1) activations_.resize(std::max<std::size_t>(n_hidden, 1), hidden[0]);
  SKARMA_CHECK(activations_.size() == std::max<std::size_t>(n_hidden, 1));
  nodes_.push_back({Operation::input, {}, layer_units_.front()});
  for (std::size_t i = 0; i < n_hidden; ++i) add_hidden(i, *activations_[i]);
  // The last layer's weights are drawn as those of the layer before it.
  const double bound = initial_bound(layers_.back(), *activations_.back());
  nodes_.push_back(dense_node(layers_.back(), nodes_.size() - 1, bound));
  n_parameters_ = layers_.back().intercept + layers_.back().outputs;
  place_slots(true);
  n_trained_ = n_parameters_;
  place_slots(false);
  find_runs();
}

NetworkSpec::NetworkSpec(std::vector<std::size_t> layer_units, const Activation& hidden,
                         const Loss& loss, const HiddenLayerOptions& options)
    : NetworkSpec(std::move(layer_units), std::array{&hidden}, loss, options) {}

bool NetworkSpec::has(Operation operation) const {
  return std::ranges::any_of(nodes_, [=](const Node& n) { return n.operation == operation; });
}

void NetworkSpec::add_hidden(std::size_t layer, const Activation& activation) {
  const std::size_t before = nodes_.size() - 1;
  const std::size_t units = layers_[layer].outputs;
  const auto last = [&] { return nodes_.size() - 1; };
  nodes_.push_back(dense_node(layers_[layer], before, initial_bound(layers_[layer], activation)));
  if (options_.batch_norm) {
    nodes_.back().slots[1].trained = false;  // whatever a bias is, its mean takes it away again
    nodes_.push_back(batch_norm_node(units, last()));
  }
  nodes_.push_back({Operation::activation, {last()}, units, &activation});
  if (options_.dropout > 0.0) {
    nodes_.push_back({Operation::dropout, {last()}, units, nullptr, options_.dropout});
  }
  const bool follows_equal = layer > 0 && layers_[layer].inputs == units;
  if (options_.residual && follows_equal) {
    nodes_.push_back({Operation::add, {last(), before}, units});
  }
}

/// Gives places, behind those that there are, to the slots of other nodes than dense ones.
void NetworkSpec::place_slots(bool trained) {
  for (Node& node : nodes_) {
    if (node.operation == Operation::dense) continue;
    for (Slot& slot : node.slots) {
      if (slot.trained != trained) continue;
      slot.offset = n_parameters_;
      n_parameters_ += slot.size;
    }
  }
}

void NetworkSpec::set_factors(std::string_view slot, double rate_factor, double decay_factor) {
  for (Node& node : nodes_) {
    for (Slot& own : node.slots) {
      if (own.name != slot) continue;
      own.rate_factor = rate_factor;
      own.decay_factor = decay_factor;
    }
  }
  find_runs();
}

void NetworkSpec::find_runs() {
  runs_.clear();
  for (const Node& node : nodes_) {
    for (const Slot& s : node.slots) {
      if (s.offset >= n_trained_) continue;
      runs_.push_back({s.offset, s.offset + s.size, s.penalised, s.rate_factor, s.decay_factor});
    }
  }
  std::ranges::sort(runs_, {}, &ParameterRun::begin);
  std::vector<ParameterRun> joined;
  for (const ParameterRun& run : runs_) {
    if (!joined.empty() && are_alike(joined.back(), run)) {
      joined.back().end = run.end;
    } else {
      joined.push_back(run);
    }
  }
  runs_ = std::move(joined);
}

template <class T>
void initialise(const NetworkSpec& spec, RandomState& random_state, std::span<T> parameters) {
  SKARMA_CHECK(parameters.size() == spec.n_parameters());
  for (const Node& node : spec.nodes()) {
    for (const Slot& slot : node.slots) {
      const auto [value, bound] = slot.initial;
      for (T& w : parameters.subspan(slot.offset, slot.size)) {
        w = static_cast<T>(bound > 0.0 ? random_state.uniform(value - bound, value + bound)
                                       : value);
      }
    }
  }
}

template void initialise<float>(const NetworkSpec&, RandomState&, std::span<float>);
template void initialise<double>(const NetworkSpec&, RandomState&, std::span<double>);

}  // namespace skarma
