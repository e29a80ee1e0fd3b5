#include <skarma/core/net/layer.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/net/slots.hpp>

namespace skarma {
namespace {

struct Extent {
  std::size_t output, before;  // places, and zeros before the image
};

/// Along one side.
Extent extent_of(std::size_t input, std::size_t size, std::size_t stride, bool same) {
  if (!same) return {(input - size) / stride + 1, 0};
  const std::size_t output = (input + stride - 1) / stride;
  const std::size_t needed = (output - 1) * stride + size;
  return {output, needed > input ? (needed - input) / 2 : 0};
}

/// Makes nodes of layers, one after another.
class Chain {
 public:
  explicit Chain(const ImageShape& input) : shape_(input) {
    check_size(input);
    nodes_.push_back({Operation::input, {}, input.size()});
    nodes_.back().image = input;
  }

  void add(const Layer& layer) {
    const std::size_t first = nodes_.size();
    push_nodes(layer);
    if (!layer.frozen) return;
    for (Node& node : std::span(nodes_).subspan(first)) {
      for (Slot& slot : node.slots) slot.frozen = slot.trained;
    }
  }

  std::vector<Node> nodes() && { return std::move(nodes_); }

 private:
  void push_nodes(const Layer& layer) {
    switch (layer.operation) {
      case Operation::dense:
        return add_dense(layer);
      case Operation::conv2d:
        return add_convolution(layer);
      case Operation::max_pool:
      case Operation::average_pool:
        return add_pool(layer);
      case Operation::add:
        return add_residual(layer);
      case Operation::batch_norm:
      case Operation::layer_norm:
        push(layer.operation, shape_).slots = norm_slots(layer.operation, shape_.channels);
        return;
      case Operation::custom:
        return add_custom(layer);
      case Operation::flatten:
        push(layer.operation, {1, 1, shape_.size()});
        return;
      default:
        break;
    }
    Node& node = push(layer.operation, shape_);
    node.activation = layer.activation;
    node.rate = layer.rate;
    node.shift = layer.shift;
  }

  /// Counted in double: a product of whole numbers could wrap.
  static void check_size(double n) {
    constexpr double kMost = 0x1p48;
    if (n < kMost) return;
    throw std::invalid_argument(
        fmt::format("it has {:.3g} values or weights, more than any memory can hold.", n));
  }
  static void check_size(const ImageShape& shape) {
    check_size(static_cast<double>(shape.height) * static_cast<double>(shape.width) *
               static_cast<double>(shape.channels));
  }

  /// A node that reads the last one.
  Node& push(Operation operation, const ImageShape& shape) {
    check_size(shape);
    nodes_.push_back({operation, {nodes_.size() - 1}, shape.size()});
    shape_ = shape;
    nodes_.back().image = shape;
    return nodes_.back();
  }

  void add_dense(const Layer& layer) {
    if (nodes_.back().is_image()) {
      throw std::invalid_argument(fmt::format(
          "a dense layer reads rows of numbers and not images of shape ({}, {}, {}): flatten "
          "them first.",
          shape_.height, shape_.width, shape_.channels));
    }
    const std::size_t inputs = shape_.size();
    check_size(static_cast<double>(inputs) * static_cast<double>(layer.units));
    push(layer.operation, {1, 1, layer.units}).slots =
        weight_slots(inputs, layer.units, inputs, layer.units);
  }

  void add_convolution(const Layer& layer) {
    const Window window = window_of(layer.window, shape_, layer.units);
    check_size(static_cast<double>(window.height) * static_cast<double>(window.width) *
               static_cast<double>(shape_.channels) * static_cast<double>(layer.units));
    Node& node = push(layer.operation, window.output);
    node.window = window;
    node.slots = weight_slots(window.size(), layer.units, window.size(),
                              window.height * window.width * layer.units);
  }

  void add_pool(const Layer& layer) {
    WindowSize size = layer.window;
    if (size.height == 0) size = {shape_.height, shape_.width};
    const Window window = window_of(size, shape_, shape_.channels);
    push(layer.operation, window.output).window = window;
  }

  /// Of a shape as users know it.
  void add_custom(const Layer& layer) {
    const CustomLayer& custom = *layer.custom;
    std::vector<std::size_t> shape{shape_.size()};
    if (nodes_.back().is_image()) shape = {shape_.height, shape_.width, shape_.channels};
    if (custom.output_shape) shape = custom.output_shape(shape);
    const bool is_positive = std::ranges::all_of(shape, [](std::size_t n) { return n > 0; });
    if (!is_positive || (shape.size() != 1 && shape.size() != 3)) {
      throw std::invalid_argument(fmt::format(
          "output_shape of '{}' gives ({}): it must be (features) or (height, width, channels), of "
          "positive numbers.",
          custom.name, fmt::join(shape, ", ")));
    }
    Node& node =
        push(layer.operation, shape.size() == 1 ? ImageShape{1, 1, shape[0]}
                                                : ImageShape{shape[0], shape[1], shape[2]});
    node.custom = layer.custom;
    check_size(static_cast<double>(custom.n_weights));
    if (custom.n_weights > 0) {
      node.slots = {{"weights", 0, custom.n_weights, {custom.initial, custom.bound}}};
    }
  }

  void add_residual(const Layer& layer) {
    const ImageShape before = shape_;
    const std::size_t read = nodes_.size() - 1;
    const bool begins_well = !layer.inner.empty() && has_weights(layer.inner.front().operation);
    if (!begins_well) {
      throw std::invalid_argument("a residual block begins with a dense or a conv2d layer.");
    }
    for (const Layer& inner : layer.inner) add(inner);
    if (!(shape_ == before)) {
      throw std::invalid_argument(fmt::format(
          "a residual block must keep the shape ({}, {}, {}) that it reads: it makes ({}, {}, {}).",
          before.height, before.width, before.channels, shape_.height, shape_.width,
          shape_.channels));
    }
    push(Operation::add, shape_).reads.push_back(read);
  }

  ImageShape shape_;
  std::vector<Node> nodes_;
};

}  // namespace

Window window_of(const WindowSize& size, const ImageShape& input, std::size_t channels) {
  if (!size.same && (size.height > input.height || size.width > input.width)) {
    throw std::invalid_argument(
        fmt::format("a window of {} x {} does not fit into an image of {} x {}.", size.height,
                    size.width, input.height, input.width));
  }
  const Extent rows = extent_of(input.height, size.height, size.row_stride, size.same);
  const Extent columns = extent_of(input.width, size.width, size.column_stride, size.same);
  return {input,           {rows.output, columns.output, channels},
          size.height,     size.width,
          size.row_stride, size.column_stride,
          rows.before,     columns.before};
}

std::vector<Node> nodes_of(const ImageShape& input, std::span<const Layer> layers) {
  Chain chain(input);
  std::size_t number = 0;
  for (const Layer& layer : layers) {
    ++number;
    try {
      chain.add(layer);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("Layer {}: {}", number, error.what()));
    }
  }
  return std::move(chain).nodes();
}

}  // namespace skarma
