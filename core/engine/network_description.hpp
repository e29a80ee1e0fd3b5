#pragma once

#include <vector>

#include <skarma/core/engine/device_abi.h>
#include <skarma/core/net/network_spec.hpp>

namespace skarma {

/// A network as plain data, in lists of its own.
class NetworkDescription {
 public:
  explicit NetworkDescription(const NetworkSpec& spec);
  NetworkDescription(NetworkDescription&&) = default;  // lists stay where they are

  /// Valid as long as this, wherever it is moved.
  const skarma_network& network() const { return network_; }

 private:
  std::vector<std::vector<skarma_slot>> slots_;  // of each node
  std::vector<skarma_node> nodes_;
  std::vector<skarma_layer> layers_;
  std::vector<skarma_run> runs_;
  std::vector<skarma_step> steps_;
  std::vector<std::uint64_t> widths_;
  std::vector<std::int32_t> touch_;
  std::vector<double> loss_numbers_;
  skarma_network network_{};
};

}  // namespace skarma
