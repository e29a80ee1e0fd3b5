#include <skarma/estimators/mlp/internal/summary_of.hpp>

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace skarma {
namespace {

/// A line of the table, whose numbers stand in columns.
std::string line(std::string_view layer, std::string_view shape, const std::string& parameters,
                 const std::string& trained) {
  return fmt::format("{:<18}{:<18}{:>12}{:>12}\n", layer, shape, parameters, trained);
}

}  // namespace

NetworkSummary summary_of(const NetworkSpec& spec) {
  NetworkSummary summary;
  std::map<std::string, int> numbers;  // nodes of a name so far
  for (const Node& node : spec.nodes()) {
    const std::string operation(to_string(node.operation));
    const std::string kind = node.activation && node.operation == Operation::activation
                                 ? to_string(*node.activation)
                                 : operation;
    const int number = ++numbers[kind];
    LayerSummary layer{kind, operation, node.units, 0, 0};
    if (node.operation != Operation::input) layer.name += fmt::format("_{}", number);
    for (const Slot& slot : node.slots) {
      layer.n_parameters += slot.size;
      if (slot.trained && !slot.frozen) layer.n_trained += slot.size;
    }
    summary.n_parameters += layer.n_parameters;
    summary.n_trained += layer.n_trained;
    summary.layers.push_back(std::move(layer));
  }
  summary.layers.push_back(
      {std::string(spec.loss().link.name), "activation", spec.n_outputs(), 0, 0});
  return summary;
}

std::string NetworkSummary::text() const {
  std::string all = line("layer", "output shape", "parameters", "trained");
  for (const LayerSummary& layer : layers) {
    all += line(layer.name, fmt::format("(n_samples, {})", layer.units),
                std::to_string(layer.n_parameters), std::to_string(layer.n_trained));
  }
  all += line("all", "", std::to_string(n_parameters), std::to_string(n_trained));
  if (n_members == 1) return all;
  return all + line(fmt::format("{} members", n_members), "",
                    std::to_string(n_members * n_parameters),
                    std::to_string(n_members * n_trained));
}

}  // namespace skarma
