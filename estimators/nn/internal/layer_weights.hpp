#pragma once

#include <memory>
#include <span>
#include <vector>

#include <skarma/core/net/network_spec.hpp>
#include <skarma/estimators/mlp/internal/trained_network.hpp>
#include <skarma/estimators/nn/sequential.hpp>

namespace skarma::nn {

/// In the order of the layers, which are those of the network.
std::vector<WeightPlace> places_of(const std::vector<Layer>& layers, const ImageShape& input,
                                   const NetworkSpec& spec);

/// The numbers of some layers, packed.
struct Weights {
  const std::vector<Layer>& layers;
  std::vector<WeightPlace> places;
  std::vector<double> numbers;
};

/// The layers of `to` that are also layers of `from`, and read as much there, get their weights.
void carry_over(const Weights& from, Weights& to);

/// A network with these weights, packed, that has not been trained.
std::shared_ptr<TrainedNetwork> untrained(const NetworkSpec& spec, bool float32,
                                          std::span<const double> weights);

/// The network up to a layer, before a dense one that reads what the layer makes.
std::shared_ptr<TrainedNetwork> network_to(std::vector<skarma::Layer> layers,
                                           const ImageShape& input, const TrainedNetwork& whole);

}  // namespace skarma::nn
