#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <skarma/core/net/node.hpp>

namespace skarma {

/// What a convolution or a pool sees at a time, and how it moves. With `same` padding there is a
/// place of output for each stride of input (TensorFlow's rule), else only where all that is seen
/// is inside of the image.
struct WindowSize {
  std::size_t height = 1, width = 1;
  std::size_t row_stride = 1, column_stride = 1;
  bool same = false;
};

/// One layer of a chain, in which each reads the one before. NetworkSpec makes nodes of them.
struct Layer {
  Operation operation;
  std::size_t units = 0;                   // dense; of conv2d the filters
  std::optional<Activation> activation{};  // Operation::activation
  double rate = 0.0;                       // as a node's
  double shift = 0.0;                      // rescale
  WindowSize window{};                     // conv2d and pools; of a pool of 0 x 0: the whole image
  std::vector<Layer> inner{};              // add: what x goes through before it is added to x
  std::shared_ptr<const CustomLayer> custom{};
  bool frozen = false;  // what it has of parameters stays as it is (Node)
};

/// The places of what is seen of such an image. Throws std::invalid_argument where it does not fit.
Window window_of(const WindowSize& size, const ImageShape& input, std::size_t channels);

/// The nodes of a chain, whose slots have no places yet. Throws std::invalid_argument, by the
/// layer's number from 1, for one that cannot read what comes before it.
std::vector<Node> nodes_of(const ImageShape& input, std::span<const Layer> layers);

}  // namespace skarma
