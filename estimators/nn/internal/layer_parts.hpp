#pragma once

#include <string_view>
#include <vector>

#include <skarma/core/net/layer.hpp>

namespace skarma::nn {

/// The core's layers that one of a Sequential is made of.
struct LayerParts {
  std::vector<skarma::Layer> layers;
};

/// In the place of an activation: rows of outputs are linked, which only a loss can do.
inline constexpr skarma::Activation kSoftmaxOutput{"softmax", kIdentity};

inline bool is_softmax(const skarma::Activation& activation) {
  return activation.name == kSoftmaxOutput.name;
}

}  // namespace skarma::nn
