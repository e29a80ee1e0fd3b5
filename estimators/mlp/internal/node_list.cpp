#include <skarma/estimators/mlp/internal/node_list.hpp>

#include <array>

#include <fmt/format.h>

namespace skarma {
namespace {

using Json = nlohmann::json;

/// What is the same for all operations.
Json node_entry(Operation operation, const std::vector<std::size_t>& inputs, std::size_t units) {
  return {{"operation", std::string(to_string(operation))}, {"inputs", inputs}, {"units", units}};
}

/// Where the numbers of a node's slots are; it is the `number`th of those with weights, or of its
/// operation.
Json slot_tensors(const ModelArchive& archive, const Node& node, std::size_t number) {
  Json slots = Json::object();
  for (std::size_t i = 0; i < node.slots.size(); ++i) {
    const std::string slot(node.slots[i].name);
    slots[slot] = has_weights(node.operation)
                      ? archive.full_name(layer_name(slot, number))
                      : fmt::format("{}[{}]", archive.full_name(norm_name(node, number)), i);
  }
  return slots;
}

/// Its name, and under a name of its own the number that it takes.
void add_activation(Json& entry, const Activation& activation) {
  entry["activation"] = activation.name;
  if (activation.number_name.empty()) return;
  entry[std::string(activation.number_name)] = activation.number;
}

/// Sizes are rows, columns and channels, or rows and columns.
void add_window(Json& entry, const Window& w) {
  entry["input_shape"] = {w.input.height, w.input.width, w.input.channels};
  entry["output_shape"] = {w.output.height, w.output.width, w.output.channels};
  entry["window"] = {w.height, w.width};
  entry["strides"] = {w.row_stride, w.column_stride};
  entry["before"] = {w.top, w.left};
}

/// Of a node that reads one with `n_read` units.
Json entry_of(const ModelArchive& archive, const Node& node, std::size_t number,
              std::size_t n_read) {
  Json entry = node_entry(node.operation, node.reads, node.units);
  if (node.operation == Operation::activation) add_activation(entry, *node.activation);
  if (node.operation == Operation::maxout) entry["pieces"] = n_read / node.units;
  if (is_dropout(node.operation)) entry["rate"] = node.rate;
  if (node.operation == Operation::noise) entry["deviation"] = node.rate;
  if (node.operation == Operation::layer_norm) entry["epsilon"] = kLayerNormEpsilon;
  if (node.operation == Operation::batch_norm) {
    entry["epsilon"] = kBatchNormEpsilon;
    entry["momentum"] = kBatchNormMomentum;
  }
  if (node.operation == Operation::rescale) {
    entry["scale"] = node.rate;
    entry["offset"] = node.shift;
  }
  if (node.operation == Operation::conv2d || is_pool(node.operation)) {
    add_window(entry, node.window);
  }
  if (!node.slots.empty()) entry["slots"] = slot_tensors(archive, node, number);
  return entry;
}

Json link_of(const NetworkSpec& spec) {
  Json entry = node_entry(Operation::activation, {spec.nodes().size() - 1}, spec.n_outputs());
  entry["activation"] = spec.loss().link.name;
  return entry;
}

Json nodes_of(const ModelArchive& archive, const NetworkSpec& spec) {
  std::array<std::size_t, static_cast<std::size_t>(Operation::count)> n_before{};
  Json nodes = Json::array();
  for (const Node& node : spec.nodes()) {
    const std::size_t n_read = node.reads.empty() ? 0 : spec.nodes()[node.reads[0]].units;
    const Operation counted = has_weights(node.operation) ? Operation::dense : node.operation;
    std::size_t& number = n_before[static_cast<std::size_t>(counted)];
    nodes.push_back(entry_of(archive, node, number++, n_read));
  }
  nodes.push_back(link_of(spec));
  return nodes;
}

/// Throws where a node is not as the weights and the other entries of the file say.
void check_node(const ModelArchive& archive, std::size_t number, const Json& node,
                const Json& expected) {
  const auto fail = [&](const std::string& problem) {
    archive.fail(fmt::format("node {} of 'nodes' {}", number, problem));
  };
  if (!node.is_object()) fail("is not an object");
  for (const auto& [name, value] : expected.items()) {
    const auto found = node.find(name);
    if (found == node.end()) fail(fmt::format("has no '{}'", name));
    if (*found != value) {
      fail(fmt::format("does not fit the network: its '{}' should be {}", name, value.dump()));
    }
  }
  if (node.size() != expected.size()) fail("says more than this skarma knows of it");
}

}  // namespace

std::string layer_name(std::string_view kind, std::size_t layer) {
  return fmt::format("{}.{}", kind, layer);
}

std::string norm_name(const Node& node, std::size_t number) {
  return layer_name(node.operation == Operation::layer_norm ? "layer_norms" : "batch_norms",
                    number);
}

void write_nodes(ModelArchive& archive, const NetworkSpec& spec) {
  archive.write_json("nodes", nodes_of(archive, spec));
}

void check_nodes(const ModelArchive& archive, const NetworkSpec& spec) {
  if (!archive.has("nodes")) return;
  const Json& nodes = archive.json("nodes");
  if (!nodes.is_array()) archive.fail("'nodes' is not a list");
  const Json expected = nodes_of(archive, spec);
  if (nodes.size() != expected.size()) {
    archive.fail(fmt::format("'nodes' has {} nodes, which do not fit the network: it has {}",
                             nodes.size(), expected.size()));
  }
  for (std::size_t i = 0; i < expected.size(); ++i) check_node(archive, i, nodes[i], expected[i]);
}

}  // namespace skarma
