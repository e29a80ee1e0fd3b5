#pragma once

#include <span>
#include <string_view>

#include <skarma/core/net/network_spec.hpp>
#include <skarma/estimators/mlp/mlp_params.hpp>

namespace skarma {

class ModelArchive;

/// Throws std::invalid_argument where arrays have not the shapes of the network's, or are not
/// finite. `owner` names the estimator.
void check_initial_weights(std::string_view owner, const InitialWeights& initial,
                           const NetworkSpec& spec);

/// Puts the arrays that there are into packed parameters.
template <class T>
void put_initial_weights(const InitialWeights& initial, const NetworkSpec& spec,
                         std::span<T> parameters);

/// For model files, which have nothing of weights that are not there.
void write_initial_weights(ModelArchive& archive, const InitialWeights& initial);
InitialWeights read_initial_weights(const ModelArchive& archive);

}  // namespace skarma
