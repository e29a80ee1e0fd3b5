#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/core/base/custom_functions.hpp>

namespace skarma::nn {

/// Of one sample, channels last: (features), or (height, width, channels).
using Shape = std::vector<std::size_t>;

/// Rows and columns, of a window or of its steps.
struct Extent {
  std::size_t rows, columns;
};

struct LayerParts;

/// A layer of a Sequential, under its Keras name. The classes below make them. All throw
/// std::invalid_argument for what no layer can be.
struct Layer {
  std::string kind;
  std::shared_ptr<const LayerParts> parts;  // what it is made of
  Shape input_shape{};                      // given to the first layer of a network, if to any
  /// Whether training changes its weights. A BatchNorm that is not goes by its moving statistics in
  /// training, too, and leaves them alone.
  bool trainable = true;
};

/// As model files have it: {"kind": "Dense", "units": 3, "activation": "relu"}. Throws
/// std::invalid_argument for layers of functions of your own.
std::string to_json(const Layer& layer);

/// Units that each read all values. `activation` is one of Keras's names ("linear", "relu",
/// "sigmoid", "softmax" ...) or of ours
/// ("leaky_relu(0.1)"). "softmax" and "sigmoid" may be the network's last.
struct Dense : Layer {
  explicit Dense(std::size_t units, std::string_view activation = "linear", Shape input_shape = {});
};
/// A function of each value, by one of the names that Dense takes.
struct Activation : Layer {
  explicit Activation(std::string_view activation, Shape input_shape = {});
  /// Of your own, anywhere but at the end. Throws for one without value and derivative.
  explicit Activation(const CustomActivation& activation, Shape input_shape = {});
};
/// A layer of your own, with its derivative. Throws for one without value and derivative.
struct Custom : Layer {
  explicit Custom(const CustomLayer& layer, Shape input_shape = {});
};
/// Leaves out values in training with the probability `rate`.
struct Dropout : Layer {
  explicit Dropout(double rate, Shape input_shape = {});
};
/// By the mean and the variance of each unit, or of each channel of images, over a batch;
/// afterwards by moving ones. Constants are PyTorch's: epsilon 1e-5, momentum 0.1.
struct BatchNorm : Layer {
  explicit BatchNorm(Shape input_shape = {});
};
/// By the mean and the variance of a sample, or of the channels of each place. epsilon 1e-5.
struct LayerNorm : Layer {
  explicit LayerNorm(Shape input_shape = {});
};
/// x plus what the layers make of it, of the same shape. The first of them is a Dense or a Conv2D.
struct Residual : Layer {
  explicit Residual(const std::vector<Layer>& layers);
};
/// An image becomes a row of numbers: row by row, column by column, channel by channel.
struct Flatten : Layer {
  explicit Flatten(Shape input_shape = {});
};
/// x * scale + offset.
struct Rescale : Layer {
  explicit Rescale(double scale, double offset = 0.0, Shape input_shape = {});
};
/// `padding` is "valid" or "same": TensorFlow's rules.
struct Conv2D : Layer {
  Conv2D(std::size_t filters, Extent kernel_size, std::string_view activation = "linear",
         Extent strides = {1, 1}, std::string_view padding = "valid", Shape input_shape = {});
};
/// Strides of 0 are the pool's size.
struct MaxPool2D : Layer {
  explicit MaxPool2D(Extent pool_size = {2, 2}, Extent strides = {0, 0},
                     std::string_view padding = "valid", Shape input_shape = {});
};
/// Of what lies inside of the image.
struct AveragePool2D : Layer {
  explicit AveragePool2D(Extent pool_size = {2, 2}, Extent strides = {0, 0},
                         std::string_view padding = "valid", Shape input_shape = {});
};
/// The mean of each channel.
struct GlobalAveragePool2D : Layer {
  explicit GlobalAveragePool2D(Shape input_shape = {});
};

}  // namespace skarma::nn
