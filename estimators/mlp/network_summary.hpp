#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace skarma {

/// A row of a summary: one node of a network.
struct LayerSummary {
  std::string name;       // "dense_1", "batch_norm_1", "relu_1", "output"
  std::string operation;  // a node's of core/net/node.hpp: "input", "dense", "activation" ...
  std::size_t units;      // of its values: their shape is (n_samples, units)
  std::size_t n_parameters;
  std::size_t n_trained;  // of them: without moving statistics and what is frozen
};

/// What a network is made of, from its inputs to the activation of its outputs.
struct NetworkSummary {
  std::vector<LayerSummary> layers;
  std::size_t n_parameters = 0;
  std::size_t n_trained = 0;
  std::size_t n_members = 1;  // networks of this kind, whose outputs are averaged

  /// A table for people, with a line for each layer and one for their sums.
  std::string text() const;
};

}  // namespace skarma
