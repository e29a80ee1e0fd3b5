#include <skarma/estimators/nn/layers.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/estimators/nn/internal/layer_parts.hpp>

namespace skarma::nn {
namespace {

/// Keras's names of what we call otherwise.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kKerasNames = {
    {{"linear", "identity"}, {"sigmoid", "logistic"}, {"swish", "silu"}}};

skarma::Activation activation_called(std::string_view name) {
  if (name == kSoftmaxOutput.name) return kSoftmaxOutput;
  if (name == kExpOutput.name || name == "exponential") return kExpOutput;
  for (const auto& [keras, ours] : kKerasNames) {
    if (name == keras) return parse_activation(ours);
  }
  try {
    const skarma::Activation activation = parse_activation(name);
    if (activation.name != kMaxout.name) return activation;
  } catch (const std::invalid_argument&) {
    std::vector<std::string_view> names{kSoftmaxOutput.name, kExpOutput.name};
    for (const auto& [keras, ours] : kKerasNames) names.push_back(keras);
    for (const skarma::Activation& row : kActivations) names.push_back(row.name);
    throw std::invalid_argument(fmt::format("An activation must be one of '{}'. Got '{}' instead.",
                                            fmt::join(names, "', '"), name));
  }
  throw std::invalid_argument("Layers of a Sequential know no maxout: MLPClassifier does.");
}

void check_positive(std::string_view what, std::size_t value) {
  if (value == 0) throw std::invalid_argument(fmt::format("{} must be at least 1. Got 0.", what));
}

WindowSize window(Extent size, Extent strides, std::string_view padding) {
  check_positive("The size of a window", std::min(size.rows, size.columns));
  check_positive("The stride of a window", std::min(strides.rows, strides.columns));
  if (padding != "valid" && padding != "same") {
    throw std::invalid_argument(
        fmt::format("padding must be 'valid' or 'same'. Got '{}' instead.", padding));
  }
  return {size.rows, size.columns, strides.rows, strides.columns, padding == "same"};
}

using Parts = std::vector<skarma::Layer>;

std::shared_ptr<const LayerParts> shared(Parts parts, std::vector<Argument> arguments = {}) {
  return std::make_shared<const LayerParts>(LayerParts{std::move(parts), std::move(arguments)});
}

/// With an activation behind them, unless it is 'linear'.
Parts activated(Parts parts, std::string_view name) {
  const skarma::Activation activation = activation_called(name);
  if (activation.function != kIdentity || is_of_outputs(activation)) {
    parts.push_back({.operation = Operation::activation, .activation = activation});
  }
  return parts;
}

Parts pool(Operation operation, Extent size, Extent strides, std::string_view padding) {
  if (strides.rows == 0 && strides.columns == 0) strides = size;
  return {{.operation = operation, .window = window(size, strides, padding)}};
}

Parts dropout(double rate) {
  if (!(rate >= 0.0 && rate < 1.0)) {
    throw std::invalid_argument(
        fmt::format("The rate of Dropout must be in the range [0, 1). Got {} instead.", rate));
  }
  if (rate == 0.0) return {};
  return {{.operation = Operation::dropout, .rate = rate}};
}

Parts rescale(double scale, double offset) {
  if (!std::isfinite(scale) || !std::isfinite(offset)) {
    throw std::invalid_argument(
        fmt::format("scale and offset of Rescale must be finite. Got {} and {}.", scale, offset));
  }
  return {{.operation = Operation::rescale, .rate = scale, .shift = offset}};
}

skarma::Layer with_units(Operation operation, std::string_view what, std::size_t units) {
  check_positive(what, units);
  return {operation, units};
}

Parts convolution(std::size_t filters, Extent size, Extent strides, std::string_view padding) {
  skarma::Layer layer = with_units(Operation::conv2d, "The filters of Conv2D", filters);
  layer.window = window(size, strides, padding);
  return {layer};
}

/// Throws std::invalid_argument unless both functions are there.
template <class Function>
void check_functions(const Function& function) {
  if (function.value && function.derivative) return;
  throw std::invalid_argument(fmt::format("'{}' needs a value and a derivative.", function.name));
}

CustomLayer element_by_element(const CustomActivation& activation) {
  check_functions(activation);
  CustomLayer layer{.name = activation.name};
  layer.value = [f = activation.value](auto x, auto, auto y) {
    std::ranges::transform(x, y.begin(), f);
  };
  layer.derivative = [f = activation.derivative](auto x, auto, auto by_y, auto by_x, auto) {
    for (std::size_t j = 0; j < x.size(); ++j) by_x[j] = by_y[j] * f(x[j]);
  };
  return layer;
}

std::shared_ptr<const LayerParts> custom(const CustomLayer& layer) {
  check_functions(layer);
  if (!std::isfinite(layer.initial) || !std::isfinite(layer.bound) || layer.bound < 0.0) {
    throw std::invalid_argument(fmt::format(
        "The first weights of '{}' must be finite, within a bound of at least 0.", layer.name));
  }
  if (layer.name.empty()) throw std::invalid_argument("A layer of your own needs a name.");
  return shared(
      {{.operation = Operation::custom, .custom = std::make_shared<const CustomLayer>(layer)}});
}

std::vector<Argument> window_arguments(std::string_view name, Extent size, Extent strides,
                                       std::string_view padding) {
  if (strides.rows == 0 && strides.columns == 0) strides = size;
  return {{name, size}, {"strides", strides}, {"padding", std::string(padding)}};
}

std::vector<Argument> arguments_of_convolution(std::size_t filters, Extent size,
                                               std::string_view activation, Extent strides,
                                               std::string_view padding) {
  auto arguments = window_arguments("kernel_size", size, strides, padding);
  arguments.emplace_back("filters", filters);
  arguments.emplace_back("activation", std::string(activation));
  return arguments;
}

void freeze(skarma::Layer& layer) {
  layer.frozen = true;
  for (skarma::Layer& inner : layer.inner) freeze(inner);
}

std::shared_ptr<const LayerParts> block_of(const std::vector<Layer>& layers) {
  skarma::Layer block{Operation::add};
  for (const Layer& layer : layers) {
    const auto parts = parts_of(layer);
    block.inner.insert(block.inner.end(), parts.begin(), parts.end());
  }
  return std::make_shared<const LayerParts>(LayerParts{{block}, {}, layers});
}

}  // namespace

std::vector<skarma::Layer> parts_of(const Layer& layer) {
  auto parts = layer.parts->layers;
  if (!layer.trainable) std::ranges::for_each(parts, freeze);
  return parts;
}

Dense::Dense(std::size_t units, std::string_view activation, Shape shape)
    : Layer{
          "Dense",
          shared(activated({with_units(Operation::dense, "The units of Dense", units)}, activation),
                 {{"units", units}, {"activation", std::string(activation)}}),
          std::move(shape)} {}

Activation::Activation(std::string_view activation, Shape shape)
    : Layer{"Activation",
            shared(activated({}, activation), {{"activation", std::string(activation)}}),
            std::move(shape)} {}

Activation::Activation(const CustomActivation& activation, Shape shape)
    : Layer{"Activation", custom(element_by_element(activation)), std::move(shape)} {}

Custom::Custom(const CustomLayer& layer, Shape shape)
    : Layer{layer.name, custom(layer), std::move(shape)} {}

Dropout::Dropout(double rate, Shape shape)
    : Layer{"Dropout", shared(dropout(rate), {{"rate", rate}}), std::move(shape)} {}

BatchNorm::BatchNorm(Shape shape)
    : Layer{"BatchNorm", shared({{Operation::batch_norm}}), std::move(shape)} {}

LayerNorm::LayerNorm(Shape shape)
    : Layer{"LayerNorm", shared({{Operation::layer_norm}}), std::move(shape)} {}

Residual::Residual(const std::vector<Layer>& layers)
    : Layer{"Residual", block_of(layers), layers.empty() ? Shape{} : layers.front().input_shape} {
  for (std::size_t i = 1; i < layers.size(); ++i) {
    if (layers[i].input_shape.empty()) continue;
    throw std::invalid_argument("Only the first layer of a Residual takes an input_shape.");
  }
}

Flatten::Flatten(Shape shape)
    : Layer{"Flatten", shared({{Operation::flatten}}), std::move(shape)} {}

Rescale::Rescale(double scale, double offset, Shape shape)
    : Layer{"Rescale", shared(rescale(scale, offset), {{"scale", scale}, {"offset", offset}}),
            std::move(shape)} {}

Conv2D::Conv2D(std::size_t filters, Extent kernel_size, std::string_view activation, Extent strides,
               std::string_view padding, Shape shape)
    : Layer{"Conv2D",
            shared(activated(convolution(filters, kernel_size, strides, padding), activation),
                   arguments_of_convolution(filters, kernel_size, activation, strides, padding)),
            std::move(shape)} {}

MaxPool2D::MaxPool2D(Extent pool_size, Extent strides, std::string_view padding, Shape shape)
    : Layer{"MaxPool2D",
            shared(pool(Operation::max_pool, pool_size, strides, padding),
                   window_arguments("pool_size", pool_size, strides, padding)),
            std::move(shape)} {}

AveragePool2D::AveragePool2D(Extent pool_size, Extent strides, std::string_view padding,
                             Shape shape)
    : Layer{"AveragePool2D",
            shared(pool(Operation::average_pool, pool_size, strides, padding),
                   window_arguments("pool_size", pool_size, strides, padding)),
            std::move(shape)} {}

GlobalAveragePool2D::GlobalAveragePool2D(Shape shape)
    : Layer{"GlobalAveragePool2D",
            shared({{.operation = Operation::average_pool, .window = {0, 0}}}), std::move(shape)} {}

}  // namespace skarma::nn
