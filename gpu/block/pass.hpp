#pragma once

#include <cstddef>
#include <cstdint>

#include <skarma/gpu/block/block.hpp>
#include <skarma/gpu/block/block_net.hpp>

namespace skarma::gpu {

/// The targets of all samples of a model: codes, or values of shape (n, n_outputs). Weights may be
/// null.
template <class T>
struct BlockTargets {
  const std::int32_t* codes;
  const T* values;
  const T* weights;
};

/// Where a block writes, for up to `max_rows` rows at once.
template <class T>
struct BlockRoom {
  double* partial;     // kPartialSums
  double* row_losses;  // one a row
  T* x;                // (max_rows, n_inputs)
  T* buffers;          // max_rows times row_width
  T* unit_numbers;
  Count max_rows;
};

/// Some rows on their way through a network: a minibatch or a part of one.
template <class T>
struct BlockPass {
  BlockNet net;
  BlockRoom<T> room;
  const T* parameters;
  Count rows;                      // whose samples are in room.x
  Count first_row;                 // which place the first of them has in the minibatch
  BlockTargets<T> targets;         // in training
  const std::uint32_t* positions;  // of the rows' targets; null: first_row, first_row + 1, ...
  bool trains;                     // what follows is for training alone
  std::uint64_t seed;              // of dropout
  std::uint64_t step_number;       // of the minibatch
  T* statistics;                   // the parameters that are not trained, to be moved, or null

  SKARMA_PORTABLE T* buffer(int number) const {
    return room.buffers + static_cast<std::size_t>(net.starts[number]) * room.max_rows;
  }
  SKARMA_PORTABLE const T* input(const BlockStep& step) const {
    return step.input == kNone ? room.x : buffer(step.input);
  }
  SKARMA_PORTABLE T* through(const BlockStep& step) const { return buffer(step.through()); }
  SKARMA_PORTABLE T* outputs() const { return buffer(net.steps[net.n_steps - 1].output); }
  SKARMA_PORTABLE T* statistic(const BlockStep& step, int slot) const {
    return statistics + (step.slots[slot] - net.n_trained);
  }
  SKARMA_PORTABLE std::size_t target(Count row) const {
    return positions == nullptr ? first_row + row : positions[row];
  }
};

}  // namespace skarma::gpu
