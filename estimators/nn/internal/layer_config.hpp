#pragma once

#include <nlohmann/json.hpp>

#include <skarma/estimators/nn/layers.hpp>

namespace skarma::nn {

/// A layer as its constructor takes it, with Keras's names: {"kind": "Conv2D", "filters": 6,
/// "kernel_size": [5, 5] ...}; "trainable" is there if it is not, "input_shape" if it was given.
/// Throws std::invalid_argument for a layer of functions of a user's own.
nlohmann::json config_of(const Layer& layer);

/// Throws std::runtime_error for what config_of does not write, std::invalid_argument for what no
/// layer can be.
Layer layer_of(const nlohmann::json& config);

}  // namespace skarma::nn
