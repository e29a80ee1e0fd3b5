#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <skarma/core/net/network_spec.hpp>

namespace skarma {

/// Values in a workspace: number 0 ... n - 1 of Plan::widths.
using BufferId = std::size_t;

/// One step of a network: a dense layer with the activation that follows it.
struct PlanStep {
  LayerPlace layer;
  std::optional<BufferId> input;          // nullopt: the samples
  const Activation* activation;           // null: the loss and its link take over
  std::optional<BufferId> preactivation;  // where the derivative is taken through z = x W + b
  BufferId output;
};

/// The order in which a device that fuses runs a network. On the way back deltas take the place of
/// what a derivative was taken through, of which nobody else reads by then.
struct Plan {
  std::vector<PlanStep> steps;
  std::vector<std::size_t> widths;  // units of each buffer
  explicit Plan(const NetworkSpec& spec);
};

}  // namespace skarma
