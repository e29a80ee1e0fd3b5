#include <skarma/estimators/nn/internal/chain.hpp>

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/estimators/nn/internal/layer_parts.hpp>

namespace skarma::nn {
namespace {

/// Whether somewhere but at the end outputs are to be linked.
bool has_link(const std::vector<skarma::Layer>& layers) {
  return std::ranges::any_of(layers, [](const skarma::Layer& layer) {
    return (layer.activation && is_of_outputs(*layer.activation)) || has_link(layer.inner);
  });
}

}  // namespace

std::vector<skarma::Layer> parts_of(std::span<const Layer> layers) {
  std::vector<skarma::Layer> parts;
  for (const Layer& layer : layers) {
    const auto own = parts_of(layer);
    parts.insert(parts.end(), own.begin(), own.end());
  }
  return parts;
}

Chain chain_of(const std::vector<Layer>& layers) {
  Chain chain{parts_of(layers)};
  auto& parts = chain.layers;
  if (!parts.empty() && parts.back().operation == Operation::activation) {
    chain.link = parts.back().activation->name;
    parts.pop_back();
  }
  if (has_link(parts)) {
    throw std::invalid_argument(
        "'softmax' and 'exp' can only be the last activation of a Sequential.");
  }
  if (parts.empty()) throw std::invalid_argument("A Sequential needs a Dense layer.");
  return chain;
}

ImageShape image_of(const Shape& shape) {
  const bool is_positive = std::ranges::all_of(shape, [](std::size_t n) { return n > 0; });
  if (is_positive && shape.size() == 1) return {1, 1, shape[0]};
  if (is_positive && shape.size() == 3) return {shape[0], shape[1], shape[2]};
  throw std::invalid_argument(
      fmt::format("input_shape must be (features,) or (height, width, channels), of positive "
                  "numbers. Got ({}) instead.",
                  fmt::join(shape, ", ")));
}

Shape shape_of(const Node& node) {
  if (!node.is_image()) return {node.units};
  return {node.image.height, node.image.width, node.image.channels};
}

std::vector<Node> nodes_to(std::size_t layer, const std::vector<Layer>& layers,
                           const ImageShape& input) {
  auto all = chain_of(layers).layers;
  all.resize(std::min(all.size(), parts_of({layers.data(), layer + 1}).size()),
             {Operation::flatten});
  return nodes_of(input, all);
}

}  // namespace skarma::nn
