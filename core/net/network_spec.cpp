#include <skarma/core/net/network_spec.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/net/slots.hpp>

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

/// A node with weights that reads the last one. The weights are drawn as `activation` wants them.
void add_dense(NetworkParts& parts, std::size_t units, const Activation& activation) {
  const std::size_t read = parts.nodes.size() - 1, inputs = parts.nodes.back().units;
  parts.nodes.push_back({Operation::dense,
                         {read},
                         units,
                         std::nullopt,
                         0.0,
                         weight_slots(inputs, units, inputs, units, activation.init_factor)});
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
  const std::size_t before = nodes.size() - 1, inputs = nodes.back().units;
  const auto last = [&] { return nodes.size() - 1; };
  const auto normalise = [&](Operation operation) {
    const std::size_t units = nodes.back().units;
    nodes.push_back({operation, {last()}, units, std::nullopt, 0.0, norm_slots(operation, units)});
  };
  add_dense(parts, parts.layer_units[layer + 1] * pieces_of_layer(parts, layer), activation);
  if (parts.options.batch_norm) {
    nodes.back().slots[1].trained = false;  // whatever a bias is, its mean takes it away again
    normalise(Operation::batch_norm);
  }
  if (parts.options.layer_norm) normalise(Operation::layer_norm);
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
  if (parts.options.residual && layer > 0 && inputs == units) {
    nodes.push_back({Operation::add, {last(), before}, units});
  }
}

/// Gives all coefs their places, then all intercepts.
void place_weights(NetworkParts& parts) {
  std::size_t& end = parts.n_parameters;
  for (const std::size_t kind : {std::size_t{0}, std::size_t{1}}) {
    for (Node& node : parts.nodes) {
      if (!has_weights(node.operation)) continue;
      Slot& slot = node.slots[kind];
      slot.offset = end;
      end += slot.size;
    }
  }
  for (const Node& node : parts.nodes) {
    if (!has_weights(node.operation)) continue;
    const Slot &coefs = node.slots[0], &intercepts = node.slots[1];
    parts.layers.push_back(
        {coefs.size / intercepts.size, intercepts.size, coefs.offset, intercepts.offset});
  }
}

/// Gives places, behind those that there are, to the slots of other nodes.
void place_slots(NetworkParts& parts, bool trained) {
  for (Node& node : parts.nodes) {
    if (has_weights(node.operation)) continue;
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

/// All that follows from the nodes.
std::shared_ptr<const NetworkParts> completed(NetworkParts parts) {
  place_weights(parts);
  place_slots(parts, true);
  parts.n_trained = parts.n_parameters;
  place_slots(parts, false);
  parts.runs = runs_of(parts);
  parts.plan = plan_of(parts.nodes, parts.layers);
  return std::make_shared<const NetworkParts>(std::move(parts));
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
  if (const auto* rates = std::get_if<std::vector<double>>(&options.dropout)) {
    SKARMA_CHECK(rates->size() == n_hidden + 1);
  }
  SKARMA_CHECK(!(options.batch_norm && options.layer_norm));
  add_inputs(parts);
  for (std::size_t i = 0; i < n_hidden; ++i) add_hidden(parts, i);
  // The last layer's weights are drawn as those of the layer before it.
  add_dense(parts, parts.layer_units.back(), activations.back());
  parts_ = completed(std::move(parts));
}

NetworkSpec::NetworkSpec(std::vector<std::size_t> layer_units, const Activation& hidden,
                         const LossChoice& loss, const HiddenLayerOptions& options)
    : NetworkSpec(std::move(layer_units), std::array{hidden}, loss, options) {}

NetworkSpec::NetworkSpec(const ImageShape& input, std::span<const Layer> layers,
                         const LossChoice& loss) {
  NetworkParts parts{{input.size()}, {}, loss, {}};
  parts.is_chain = true;
  parts.nodes = nodes_of(input, layers);
  if (parts.nodes.back().operation != Operation::dense) {
    throw std::invalid_argument(
        "The last layer must be a dense one, which an activation may follow.");
  }
  SKARMA_CHECK(loss.row->function != kQuantile || loss.numbers.size() == parts.nodes.back().units);
  for (const Node& node : parts.nodes) {
    if (has_weights(node.operation)) parts.layer_units.push_back(node.units);
  }
  parts_ = completed(std::move(parts));
}

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
    if (has_weights(node.operation)) dense.emplace_back();
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
