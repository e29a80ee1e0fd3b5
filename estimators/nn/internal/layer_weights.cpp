#include <skarma/estimators/nn/internal/layer_weights.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include <skarma/estimators/nn/internal/chain.hpp>
#include <skarma/estimators/nn/internal/layer_parts.hpp>
#include <skarma/estimators/nn/internal/settings_for.hpp>

namespace skarma::nn {
namespace {

Shape shape_of_slot(const Node& node, const Slot& slot) {
  if (slot.name != "coefs") return {slot.size};
  const std::size_t units = node.slots[1].size;
  if (node.operation == Operation::dense) return {slot.size / units, units};
  return {node.window.height, node.window.width, node.window.input.channels, units};
}

std::size_t size_of(const Shape& shape) {
  std::size_t n = 1;
  for (const std::size_t side : shape) n *= side;
  return n;
}

std::vector<WeightPlace> of_layer(const Weights& weights, std::size_t layer) {
  std::vector<WeightPlace> own;
  std::ranges::copy_if(weights.places, std::back_inserter(own),
                       [=](const WeightPlace& place) { return place.layer == layer; });
  return own;
}

}  // namespace

std::vector<WeightPlace> places_of(const std::vector<Layer>& layers, const ImageShape& input,
                                   const NetworkSpec& spec) {
  std::vector<WeightPlace> places;
  std::size_t node = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    for (const std::size_t end = nodes_to(i, layers, input).size(); node < end; ++node) {
      const Node& own = spec.nodes()[node];
      for (const Slot& slot : own.slots) {
        places.push_back({i, std::string(slot.name), slot.offset, shape_of_slot(own, slot)});
      }
    }
  }
  return places;
}

void carry_over(const Weights& from, Weights& to) {
  std::vector<bool> is_taken(from.layers.size());
  const auto is_same = [&](std::size_t old, std::size_t layer) {
    return old < from.layers.size() && !is_taken[old] &&
           from.layers[old].parts == to.layers[layer].parts;
  };
  for (std::size_t i = 0; i < to.layers.size(); ++i) {
    std::size_t old = i;
    if (!is_same(old, i)) {
      for (old = 0; old < from.layers.size() && !is_same(old, i);) ++old;
    }
    if (old == from.layers.size()) continue;
    is_taken[old] = true;
    const auto places = of_layer(to, i), old_places = of_layer(from, old);
    if (!std::ranges::equal(places, old_places, {}, &WeightPlace::shape, &WeightPlace::shape)) {
      continue;
    }
    for (std::size_t k = 0; k < places.size(); ++k) {
      std::copy_n(&from.numbers[old_places[k].offset], size_of(places[k].shape),
                  &to.numbers[places[k].offset]);
    }
  }
}

std::shared_ptr<TrainedNetwork> untrained(const NetworkSpec& spec, bool float32,
                                          std::span<const double> weights) {
  auto network = std::make_shared<TrainedNetwork>();
  RandomState unused(0);
  network->start(settings_for({}, {}), spec, float32, unused);
  network->set_parameters(weights);
  return network;
}

std::shared_ptr<TrainedNetwork> network_to(std::vector<skarma::Layer> layers,
                                           const ImageShape& input, const TrainedNetwork& whole) {
  layers.push_back({Operation::dense, 1});
  const NetworkSpec spec(input, layers, *find_loss("squared_error"));
  std::vector<double> w(spec.n_parameters());
  const auto& nodes = spec.nodes();
  const auto numbers = whole.parameters();
  for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
    for (std::size_t k = 0; k < nodes[i].slots.size(); ++k) {
      const Slot& slot = nodes[i].slots[k];
      std::copy_n(&numbers[whole.spec().nodes()[i].slots[k].offset], slot.size, &w[slot.offset]);
    }
  }
  return untrained(spec, whole.is_float32(), w);
}

}  // namespace skarma::nn
