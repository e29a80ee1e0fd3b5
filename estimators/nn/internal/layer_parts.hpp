#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <skarma/core/net/layer.hpp>
#include <skarma/estimators/nn/layers.hpp>

namespace skarma::nn {

/// What a layer's constructor was given, under its Keras name: "units", "kernel_size" ...
using Argument =
    std::pair<std::string_view, std::variant<std::size_t, double, std::string, Extent>>;

/// The core's layers that one of a Sequential is made of, and what says so in a file.
struct LayerParts {
  std::vector<skarma::Layer> layers;
  std::vector<Argument> arguments{};
  std::vector<Layer> block{};  // of Residual
};

/// The core's layers of one of a Sequential, frozen where it is not trained.
std::vector<skarma::Layer> parts_of(const Layer& layer);

/// In the place of activations: outputs are linked so, which only a loss can do.
inline constexpr skarma::Activation kSoftmaxOutput{"softmax", kIdentity};
inline constexpr skarma::Activation kExpOutput{"exp", kExp};

inline bool is_of_outputs(const skarma::Activation& activation) {
  return activation.name == kSoftmaxOutput.name || activation.name == kExpOutput.name;
}

}  // namespace skarma::nn
