#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace skarma {

// Functions of your own in a network of nn::Sequential, each with its derivative. They are computed
// in double, sample by sample, on the processor, and may be called by several threads at a time.
// Model files cannot hold them.

/// An activation: y = value(x) for each number x, and dy/dx = derivative(x).
struct CustomActivation {
  std::string name{};
  std::function<double(double)> value{};
  std::function<double(double)> derivative{};
};

/// A layer that makes `y` of one sample's values `x`. Images lie row by row, column by column,
/// channel by channel.
struct CustomLayer {
  std::string name{};
  std::function<void(std::span<const double> x, std::span<const double> weights,
                     std::span<double> y)>
      value{};
  /// From the derivatives `by_y` of the loss: sets those by x, and adds those by the weights.
  std::function<void(std::span<const double> x, std::span<const double> weights,
                     std::span<const double> by_y, std::span<double> by_x,
                     std::span<double> by_weights)>
      derivative{};
  /// The shape of y for one of x: (features), or (height, width, channels). Empty: the same.
  std::function<std::vector<std::size_t>(const std::vector<std::size_t>&)> output_shape{};
  std::size_t n_weights = 0;
  /// Weights are drawn between initial - bound and initial + bound.
  double initial = 0.0;
  double bound = 0.0;
};

/// The loss of a sample's `outputs`, behind the last activation, beside its `targets`, of as many
/// numbers. A batch's is the mean of its samples'.
struct CustomLoss {
  std::string name{};
  std::function<double(std::span<const double> outputs, std::span<const double> targets)> value{};
  /// Sets the derivatives by the outputs.
  std::function<void(std::span<const double> outputs, std::span<const double> targets,
                     std::span<double> by_outputs)>
      derivative{};
};

}  // namespace skarma
