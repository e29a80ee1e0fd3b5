#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <skarma/core/net/node.hpp>

namespace skarma {

/// Values in a workspace: number 0 ... n - 1 of Plan::widths.
using BufferId = std::size_t;

/// Where the derivative by what a step reads goes on the way back.
struct InputDelta {
  BufferId place;
  Activation joined;             // its derivative is multiplied in
  std::optional<BufferId> onto;  // then added to what is here: the input has two readers
};

/// One step of a network: an operation with the activation that follows it.
struct PlanStep {
  std::size_t node;
  Operation operation;
  LayerPlace layer{};  // of nodes with weights
  /// nullopt: the samples. The first step that predictions take reads noise or dropout of them in
  /// training, and the samples otherwise.
  std::optional<BufferId> input{};
  std::optional<BufferId> second{};  // Operation::add
  /// None where the loss and its link take over, and where nothing can be joined.
  std::optional<Activation> activation{};
  std::optional<BufferId> preactivation{};  // where the derivative is taken through z
  BufferId output = 0;
  /// On the way back: where the derivative by the output comes, or nullopt where the reader leaves
  /// the one by z in the place of what the derivative is taken through.
  std::optional<BufferId> delta{};
  /// Where the step itself brings the derivative by its input, if that depends on parameters;
  /// others leave it where their own is, which is the reader's `delta` then.
  std::optional<InputDelta> input_delta{};
  std::size_t unit_numbers = 0;          // Operation::batch_norm: where its numbers begin
  std::optional<BufferId> row_scales{};  // Operation::layer_norm: 1 / deviation of each row

  /// What the activation's derivative is taken through, and where the derivative by z comes.
  BufferId through() const { return preactivation.value_or(output); }
};

/// The order in which a device that fuses runs a network, and the buffers that it needs. On the way
/// back deltas take the place of values of which nobody reads by then. An activation is a step of
/// its own where it cannot be joined to the step before, and as 'identity' makes a copy for a step
/// that writes over what it reads.
struct Plan {
  std::vector<PlanStep> steps;      // the last leaves its product to the loss
  std::vector<std::size_t> widths;  // units of each buffer
  std::vector<bool> touch;          // whether its rows do, as those of images
  std::size_t n_unit_numbers = 0;   // what batch_norm keeps of a batch: three a unit
};

/// The number of the first step that predictions take. Those before it are for training alone.
std::size_t first_layer(const Plan& plan);

/// For the nodes of a network and the places of those with weights, in their order.
Plan plan_of(std::span<const Node> nodes, std::span<const LayerPlace> layers);

}  // namespace skarma
