#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <skarma/core/net/network_spec.hpp>
#include <skarma/estimators/io/internal/model_archive.hpp>

namespace skarma {

/// The name of a layer's tensor: "coefs.0".
std::string layer_name(std::string_view kind, std::size_t layer);

/// Of the tensor with the slots, row by row, of a node that normalises: "batch_norms.0".
std::string norm_name(const Node& node, std::size_t number);

/// Writes 'nodes', from which another program can compute what the network gives: an object for
/// each node, in the order in which they are computed, with its operation, the numbers of the nodes
/// that are its inputs, its units, its constants, and for each slot the tensor of the file that has
/// its numbers, "batch_norms.0[2]" where they are row 2 of one. The last is the loss's link.
void write_nodes(ModelArchive& archive, const NetworkSpec& spec);

/// Throws std::runtime_error, naming the node, if 'nodes' describes another network than `spec`.
/// Older files, and networks that Python describes, do not have it.
void check_nodes(const ModelArchive& archive, const NetworkSpec& spec);

}  // namespace skarma
