#pragma once

#include <string_view>
#include <vector>

#include <skarma/core/net/layer.hpp>

namespace skarma::nn {

/// The core's layers that one of a Sequential is made of.
struct LayerParts {
  std::vector<skarma::Layer> layers;
};

/// In the place of activations: outputs are linked so, which only a loss can do.
inline constexpr skarma::Activation kSoftmaxOutput{"softmax", kIdentity};
inline constexpr skarma::Activation kExpOutput{"exp", kExp};

inline bool is_of_outputs(const skarma::Activation& activation) {
  return activation.name == kSoftmaxOutput.name || activation.name == kExpOutput.name;
}

}  // namespace skarma::nn
