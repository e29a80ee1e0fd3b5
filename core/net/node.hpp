#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include <skarma/core/base/custom_functions.hpp>
#include <skarma/core/net/activation.hpp>

namespace skarma {

/// What a node computes from the values of the node that it reads, shape (rows, units).
enum class Operation {
  input,          // the samples
  dense,          // x W + b, slots "coefs" and "intercepts"
  activation,     // f(x), element by element
  batch_norm,     // (x - mean) / sqrt(variance + epsilon) * gamma + beta, slots of these names
  dropout,        // in training: 0 with the probability `rate`, else x / (1 - rate); otherwise x
  add,            // x + y
  noise,          // in training: x + `rate` times a standard normal number; otherwise x
  layer_norm,     // as batch_norm, by the mean and the variance of a row, slots "gamma" and "beta"
  alpha_dropout,  // dropout for what selu gives: see DroppedValues
  maxout,  // the largest of the columns j k ... j k + k - 1 of x, where k = x's units / units
  // Of images (Window):
  conv2d,        // at each place what is seen there times W, + b; slots as those of dense
  max_pool,      // the largest of what is seen, channel by channel
  average_pool,  // its mean
  rescale,       // x * `rate` + `shift`
  flatten,       // x, which is no image any more
  custom,        // of a user's own (CustomLayer), slot "weights" if it has some
  count
};

/// As model files name it.
constexpr std::string_view to_string(Operation operation) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Operation::count)> names = {
      "input",        "dense",      "activation",    "batch_norm", "dropout", "add",
      "noise",        "layer_norm", "alpha_dropout", "maxout",     "conv2d",  "max_pool",
      "average_pool", "rescale",    "flatten",       "custom"};
  static_assert(!names.back().empty());
  return names[static_cast<std::size_t>(operation)];
}

constexpr bool is_dropout(Operation operation) {
  return operation == Operation::dropout || operation == Operation::alpha_dropout;
}

/// Whether a node has coefs, which see its whole input or a part of it at a time, and intercepts.
constexpr bool has_weights(Operation operation) {
  return operation == Operation::dense || operation == Operation::conv2d;
}

constexpr bool is_pool(Operation operation) {
  return operation == Operation::max_pool || operation == Operation::average_pool;
}

/// The constants of batch normalisation (Ioffe and Szegedy, ICML 2015), those of PyTorch: a batch's
/// mean and variance are a `momentum` of the moving ones after it.
inline constexpr double kBatchNormEpsilon = 1e-5, kBatchNormMomentum = 0.1;
/// Of layer normalisation (Ba, Kiros and Hinton, arXiv:1607.06450), PyTorch's.
inline constexpr double kLayerNormEpsilon = 1e-5;

/// What dropout makes of x in training: factor x + shift, or `dropped` with the probability `rate`.
struct DroppedValues {
  double factor, shift, dropped;
  bool operator==(const DroppedValues&) const = default;
};

/// Inverted dropout (Srivastava et al., JMLR 15, 2014), which keeps the mean; or alpha-dropout
/// (Klambauer et al., NIPS 2017), where selu's lowest value takes the place of what is dropped, and
/// an affine map then keeps mean 0 and variance 1.
inline DroppedValues dropped_values(Operation operation, double rate) {
  const double kept = 1.0 - rate;
  if (operation == Operation::dropout) return {1.0 / kept, 0.0, 0.0};
  const double factor = 1.0 / std::sqrt(kept * (1.0 + rate * kSeluAlphaScale * kSeluAlphaScale));
  const double shift = factor * kSeluAlphaScale * rate;
  return {factor, shift, shift - factor * kSeluAlphaScale};
}

/// The first values: uniform in value +- bound, none drawn where the bound is 0.
struct Initial {
  double value = 0.0;
  double bound = 0.0;
};

/// Some of a node's parameters and where they lie in the packed vector.
struct Slot {
  std::string_view name;
  std::size_t offset;
  std::size_t size;
  Initial initial;
  bool penalised = false;     // by alpha, and by weight_decay
  bool trained = true;        // else an update rule finds a gradient of 0, or none
  double rate_factor = 1.0;   // of the learning rate
  double decay_factor = 1.0;  // of the weight decay
  bool frozen = false;        // no update rule changes it, whatever its gradient
};

/// Of a row's values: an image, channels last, or (1, 1, units).
struct ImageShape {
  std::size_t height = 1, width = 1, channels = 1;
  std::size_t size() const { return height * width * channels; }
  bool operator==(const ImageShape&) const = default;
};

/// What is seen of an image at a time, and where: at the place (y, x) of the output its rows
/// y row_stride - top ... + height - 1, and columns likewise. Outside of the image a convolution
/// sees zeros, and a pool nothing.
struct Window {
  ImageShape input, output;
  std::size_t height = 1, width = 1;
  std::size_t row_stride = 1, column_stride = 1;
  std::size_t top = 0, left = 0;
  /// Values of one place.
  std::size_t size() const { return height * width * input.channels; }
  bool operator==(const Window&) const = default;
};

/// One node of a network. Nodes are named by their number, and read only nodes before them.
struct Node {
  Operation operation;
  std::vector<std::size_t> reads;          // nodes: none, one, or the two that are added
  std::size_t units;                       // of its values
  std::optional<Activation> activation{};  // Operation::activation only
  double rate = 0.0;                       // of dropout; of noise its standard deviation
  std::vector<Slot> slots{};
  Window window{};     // conv2d and pools
  double shift = 0.0;  // rescale
  ImageShape image{};  // of a chain: of its values
  std::shared_ptr<const CustomLayer> custom{};

  /// Whether no update rule changes its parameters. A batch_norm then goes by its moving statistics
  /// in training, too, and leaves them alone.
  bool is_frozen() const { return !slots.empty() && slots.front().frozen; }
  /// Whether norms go by channel, over all places.
  bool is_image() const { return image.height * image.width > 1; }
};

/// Where one node's weights lie in the packed parameter vector: W of shape (inputs, outputs),
/// row-major, at `coef`; the bias of shape (outputs) at `intercept`. Of a convolution an input is a
/// value of what it sees at a time, by row, column and channel, and an output a filter.
struct LayerPlace {
  std::size_t inputs;
  std::size_t outputs;
  std::size_t coef;
  std::size_t intercept;
};

}  // namespace skarma
