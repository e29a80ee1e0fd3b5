#pragma once

#include <cstddef>
#include <cstdint>

#include <skarma/core/cpu/input/inputs.hpp>

namespace skarma {

/// One batch on its way through a network: inputs and, contiguous, the targets of the same rows.
/// `weight` = the number of rows, or the sum of their weights.
template <class T>
struct Batch {
  Inputs<T> inputs;
  const std::int32_t* codes;  // softmax only
  const T* values;            // (rows, n_outputs), other losses
  const T* weights;           // (rows), or null
  std::size_t rows;
  double weight;
  std::size_t* n_right = nullptr;  // where rows whose target is right are counted: EpochLoss
};

}  // namespace skarma
