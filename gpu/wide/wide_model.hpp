#pragma once

#include <cstddef>
#include <cstdint>

#include <skarma/gpu/block/layout.hpp>
#include <skarma/gpu/block/training.hpp>

// Networks that are too large for one block: the whole device takes step after step of them, all
// models of a shape at once. Every minibatch has as many rows as the largest; those beyond its end
// are zeros in samples, values and derivatives, so that products need not know of them.

namespace skarma::gpu {

/// Sums that are taken side by side, before they are summed.
inline constexpr Count kWideLanes = 4096;
/// Of the gradient's squares: lanes of their own behind, and sums of them, which all threads add.
inline constexpr Count kNormLanes = 64;
inline constexpr std::size_t kAllLanes = 2 * std::size_t{kWideLanes} + kNormLanes;

/// Where a model is in its epoch. The host writes it before an epoch.
struct WideProgress {
  BlockRows rows;    // of all minibatches,
  Count batch_size;  // of which all but the last have so many
  bool trains;       // if not, losses and gradients of the minibatches add up
  BlockRule rule;
  std::int64_t n_steps;  // before this minibatch
  double loss_sum;
  double weight;    // of the rows of this minibatch
  Count first_row;  // of this minibatch,
  Count n_rows;     // and how many it has; 0: the epoch is over
};

/// A model, in the device's memory.
template <class T>
struct WideModel {
  BlockModel<T> model;
  BlockRoom<T> room;
  T* parameters;
  T* moments;
  T* gradient;
  T* products;  // (max_rows, the widest of what steps read)
  T* columns;   // what windows of convolutions see: n_columns numbers, or a place's
  T* parts;     // of sums of a convolution's gradient
  std::size_t n_columns;
  double* lanes;  // kWideLanes; where there is a clip_norm, kAllLanes
  WideProgress* progress;

  SKARMA_PORTABLE BlockRows batch() const {
    return progress->rows.part(progress->first_row, progress->n_rows);
  }
  /// Of the rows that there are, or of all that there is room for.
  SKARMA_PORTABLE BlockPass<T> pass(bool all) const {
    return {.net = model.net,
            .room = room,
            .parameters = parameters,
            .rows = all ? room.max_rows : progress->n_rows,
            .first_row = progress->trains ? 0 : progress->first_row,
            .targets = model.targets,
            .positions = batch().target_positions,
            .trains = true,
            .seed = model.seed,
            .step_number = static_cast<std::uint64_t>(progress->n_steps),
            .statistics = progress->trains ? parameters + model.net.n_trained : nullptr};
  }
};

}  // namespace skarma::gpu
