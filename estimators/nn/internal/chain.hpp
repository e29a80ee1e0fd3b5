#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <skarma/core/net/layer.hpp>
#include <skarma/estimators/nn/layers.hpp>

namespace skarma::nn {

/// A chain whose last activation, if it has one, has become a link.
struct Chain {
  std::vector<skarma::Layer> layers;
  std::string_view link = "identity";
};

/// The core's layers of some of a Sequential.
std::vector<skarma::Layer> parts_of(std::span<const Layer> layers);

/// Throws std::invalid_argument where there is none, or 'softmax' or 'exp' inside.
Chain chain_of(const std::vector<Layer>& layers);

/// Throws std::invalid_argument unless it has one or three positive sides.
ImageShape image_of(const Shape& shape);
/// Of a node's values.
Shape shape_of(const Node& node);

/// The nodes of a network up to those of a layer, and up to the last dense one: what follows is the
/// loss's work.
std::vector<Node> nodes_to(std::size_t layer, const std::vector<Layer>& layers,
                           const ImageShape& input);

}  // namespace skarma::nn
