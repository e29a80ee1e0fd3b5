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

/// Columns of coefs of a unit of a layer, from 0: those that read the inputs.
std::size_t pieces_of_layer(const NetworkParts& parts, std::size_t layer) {
  return layer + 2 < parts.layer_units.size() ? pieces_of(parts.activations[layer]) : 1;
}

/// Throws for more parameters, with their moments, than addresses. Counted in double: a product of
/// whole numbers could wrap.
void check_size(const NetworkParts& parts) {
  const auto& layer_units = parts.layer_units;
  constexpr double kMost = 0x1p56;
  double n = 0.0;
  for (std::size_t i = 1; i < layer_units.size(); ++i) {
    n += (static_cast<double>(layer_units[i - 1]) + 1.0) * static_cast<double>(layer_units[i]) *
         static_cast<double>(pieces_of_layer(parts, i - 1));
  }
  if (n < kMost) return;
  throw std::invalid_argument(fmt::format(
      "hidden_layer_sizes: a network with layers of [{}] units has about {:.3g} weights, "
      "more than any memory can hold.",
      fmt::join(layer_units, ", "), n));
}

/// The places of all W, then of all biases.
std::vector<LayerPlace> packed(const NetworkParts& parts) {
  std::vector<LayerPlace> layers;
  std::size_t offset = 0;
  for (std::size_t i = 0; i + 1 < parts.layer_units.size(); ++i) {
    const std::size_t columns = parts.layer_units[i + 1] * pieces_of_layer(parts, i);
    layers.push_back({parts.layer_units[i], columns, offset, 0});
    offset += parts.layer_units[i] * columns;
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
          std::nullopt,
          0.0,
          {{"coefs", layer.coef, layer.inputs * layer.outputs, {0.0, bound}, true},
           {"intercepts", layer.intercept, layer.outputs, {0.0, bound}}}};
}

/// Its slots have no places yet.
Node batch_norm_node(std::size_t units, std::size_t reads) {
  return {Operation::batch_norm,
          {reads},
          units,
          std::nullopt,
          0.0,
          {{"gamma", 0, units, {1.0, 0.0}},
           {"beta", 0, units, {0.0, 0.0}},
           {"mean", 0, units, {0.0, 0.0}, false, false},
           {"variance", 0, units, {1.0, 0.0}, false, false}}};
}

/// The same.
Node layer_norm_node(std::size_t units, std::size_t reads) {
  return {Operation::layer_norm,
          {reads},
          units,
          std::nullopt,
          0.0,
          {{"gamma", 0, units, {1.0, 0.0}}, {"beta", 0, units, {0.0, 0.0}}}};
}

/// Of the inputs (layer 0) or after a hidden layer.
double dropout_rate(const DropoutRates& rates, std::size_t layer) {
  if (const auto* one = std::get_if<double>(&rates)) return layer > 0 ? *one : 0.0;
  return std::get<std::vector<double>>(rates)[layer];
}

/// Appends the inputs with what training makes of them.
void add_inputs(NetworkParts& parts) {
  std::vector<Node>& nodes = parts.nodes;
  const std::size_t units = parts.layer_units.front();
  nodes.push_back({Operation::input, {}, units});
  const auto add = [&](Operation operation, double rate) {
    if (rate == 0.0) return;
    nodes.push_back({operation, {nodes.size() - 1}, units, std::nullopt, rate});
  };
  add(Operation::noise, parts.options.noise);
  add(Operation::dropout, dropout_rate(parts.options.dropout, 0));
}

bool are_alike(const ParameterRun& a, const ParameterRun& b) {
  return a.penalised == b.penalised && a.rate_factor == b.rate_factor &&
         a.decay_factor == b.decay_factor;
}

/// Appends the nodes of a hidden layer.
void add_hidden(NetworkParts& parts, std::size_t layer) {
  std::vector<Node>& nodes = parts.nodes;
  const Activation& activation = parts.activations[layer];
  const LayerPlace& place = parts.layers[layer];
  const std::size_t before = nodes.size() - 1;
  const auto last = [&] { return nodes.size() - 1; };
  nodes.push_back(dense_node(place, before, initial_bound(place, activation)));
  if (parts.options.batch_norm) {
    nodes.back().slots[1].trained = false;  // whatever a bias is, its mean takes it away again
    nodes.push_back(batch_norm_node(place.outputs, last()));
  }
  if (parts.options.layer_norm) nodes.push_back(layer_norm_node(place.outputs, last()));
  const std::size_t units = parts.layer_units[layer + 1];
  if (activation.name == kMaxout.name) {
    nodes.push_back({Operation::maxout, {last()}, units});
  } else {
    nodes.push_back({Operation::activation, {last()}, units, activation});
  }
  if (const double rate = dropout_rate(parts.options.dropout, layer + 1); rate > 0.0) {
    const bool is_selu = activation.function == kSelu;
    nodes.push_back({is_selu ? Operation::alpha_dropout : Operation::dropout,
                     {last()},
                     units,
                     std::nullopt,
                     rate});
  }
  if (parts.options.residual && layer > 0 && place.inputs == units) {
    nodes.push_back({Operation::add, {last(), before}, units});
  }
}

/// Gives places, behind those that there are, to the slots of other nodes than dense ones.
void place_slots(NetworkParts& parts, bool trained) {
  for (Node& node : parts.nodes) {
    if (node.operation == Operation::dense) continue;
    for (Slot& slot : node.slots) {
      if (slot.trained != trained) continue;
      slot.offset = parts.n_parameters;
      parts.n_parameters += slot.size;
    }
  }
}

std::vector<ParameterRun> runs_of(const NetworkParts& parts) {
  std::vector<ParameterRun> runs;
  for (const Node& node : parts.nodes) {
    for (const Slot& s : node.slots) {
      if (s.offset >= parts.n_trained || s.frozen) continue;
      runs.push_back({s.offset, s.offset + s.size, s.penalised, s.rate_factor, s.decay_factor});
    }
  }
  std::ranges::sort(runs, {}, &ParameterRun::begin);
  std::vector<ParameterRun> joined;
  for (const ParameterRun& run : runs) {
    if (!joined.empty() && joined.back().end == run.begin && are_alike(joined.back(), run)) {
      joined.back().end = run.end;
    } else {
      joined.push_back(run);
    }
  }
  return joined;
}

}  // namespace

NetworkSpec::NetworkSpec(std::vector<std::size_t> layer_units, std::span<const Activation> hidden,
                         const LossChoice& loss, const HiddenLayerOptions& options) {
  SKARMA_CHECK(layer_units.size() >= 2);
  NetworkParts parts{std::move(layer_units), {hidden.begin(), hidden.end()}, loss, options};
  SKARMA_CHECK(loss.row->function != kQuantile || loss.numbers.size() == parts.layer_units.back());
  const std::size_t n_hidden = parts.layer_units.size() - 2;
  auto& activations = parts.activations;
  if (activations.size() == 1) activations.resize(std::max<std::size_t>(n_hidden, 1), hidden[0]);
  SKARMA_CHECK(activations.size() == std::max<std::size_t>(n_hidden, 1));
  check_size(parts);
  parts.layers = packed(parts);
  if (const auto* rates = std::get_if<std::vector<double>>(&options.dropout)) {
    SKARMA_CHECK(rates->size() == n_hidden + 1);
  }
  SKARMA_CHECK(!(options.batch_norm && options.layer_norm));
  add_inputs(parts);
  for (std::size_t i = 0; i < n_hidden; ++i) add_hidden(parts, i);
  // The last layer's weights are drawn as those of the layer before it.
  const LayerPlace& last = parts.layers.back();
  const double bound = initial_bound(last, activations.back());
  parts.nodes.push_back(dense_node(last, parts.nodes.size() - 1, bound));
  parts.n_parameters = last.intercept + last.outputs;
  place_slots(parts, true);
  parts.n_trained = parts.n_parameters;
  place_slots(parts, false);
  parts.runs = runs_of(parts);
  parts.plan = plan_of(parts.nodes, parts.layers);
  parts_ = std::make_shared<const NetworkParts>(std::move(parts));
}

NetworkSpec::NetworkSpec(std::vector<std::size_t> layer_units, const Activation& hidden,
                         const LossChoice& loss, const HiddenLayerOptions& options)
    : NetworkSpec(std::move(layer_units), std::array{hidden}, loss, options) {}

NetworkSpec NetworkSpec::unlinked() const {
  NetworkParts parts = *parts_;
  parts.loss = *find_loss(loss().targets == TargetKind::code ? "hinge" : "squared_error");
  return NetworkSpec(std::make_shared<const NetworkParts>(std::move(parts)));
}

bool NetworkSpec::has(Operation operation) const {
  return std::ranges::any_of(nodes(), [=](const Node& n) { return n.operation == operation; });
}

bool NetworkSpec::draws() const {
  return has(Operation::dropout) || has(Operation::alpha_dropout) || has(Operation::noise);
}

void NetworkSpec::set_factors(std::string_view slot, double rate_factor, double decay_factor) {
  NetworkParts parts = *parts_;
  for (Node& node : parts.nodes) {
    for (Slot& own : node.slots) {
      if (own.name != slot) continue;
      own.rate_factor = rate_factor;
      own.decay_factor = decay_factor;
    }
  }
  parts.runs = runs_of(parts);
  parts_ = std::make_shared<const NetworkParts>(std::move(parts));
}

void NetworkSpec::freeze(std::span<const int> layers) {
  NetworkParts parts = *parts_;
  std::vector<std::vector<Node*>> dense;  // with what follows up to the next one
  for (Node& node : parts.nodes) {
    if (node.operation == Operation::dense) dense.emplace_back();
    if (!dense.empty()) dense.back().push_back(&node);
  }
  for (const int layer : layers) {
    if (layer < 0 || static_cast<std::size_t>(layer) >= dense.size()) {
      throw std::invalid_argument(
          fmt::format("There is no layer {} to freeze: layers of weights are 0 ... {}.", layer,
                      dense.size() - 1));
    }
    for (Node* const node : dense[static_cast<std::size_t>(layer)]) {
      for (Slot& slot : node->slots) slot.frozen = slot.offset < parts.n_trained;
    }
  }
  parts.runs = runs_of(parts);
  if (parts.runs.empty()) throw std::invalid_argument("All layers are frozen: nothing is trained.");
  parts_ = std::make_shared<const NetworkParts>(std::move(parts));
}

std::vector<std::pair<std::size_t, std::size_t>> NetworkSpec::frozen() const {
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (const Node& node : nodes()) {
    for (const Slot& slot : node.slots) {
      if (slot.frozen) places.emplace_back(slot.offset, slot.offset + slot.size);
    }
  }
  return places;
}

}  // namespace skarma
