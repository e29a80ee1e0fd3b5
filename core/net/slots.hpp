#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <skarma/core/net/node.hpp>

namespace skarma {

// The slots of nodes, which have no places yet.

/// Coefs of shape (inputs, outputs), and intercepts. First values are uniform, of Glorot and Bengio
/// (AISTATS 2010) by what a unit reads and what reads it; `factor` is an activation's init_factor.
inline std::vector<Slot> weight_slots(std::size_t inputs, std::size_t outputs, std::size_t fan_in,
                                      std::size_t fan_out, double factor = 6.0) {
  const double bound = std::sqrt(factor / static_cast<double>(fan_in + fan_out));
  return {{"coefs", 0, inputs * outputs, {0.0, bound}, true},
          {"intercepts", 0, outputs, {0.0, bound}}};
}

/// Of batch_norm or layer_norm.
inline std::vector<Slot> norm_slots(Operation operation, std::size_t units) {
  std::vector<Slot> slots = {{"gamma", 0, units, {1.0, 0.0}}, {"beta", 0, units, {0.0, 0.0}}};
  if (operation == Operation::batch_norm) {
    slots.push_back({"mean", 0, units, {0.0, 0.0}, false, false});
    slots.push_back({"variance", 0, units, {1.0, 0.0}, false, false});
  }
  return slots;
}

}  // namespace skarma
