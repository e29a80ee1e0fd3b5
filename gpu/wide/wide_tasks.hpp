#pragma once

#include <cstddef>

#include <skarma/gpu/wide/wide_model.hpp>

// What one block does for a wide model at the beginning and at the end of a minibatch.

namespace skarma::gpu {

/// Goes on to the next minibatch, if there is one.
template <class T>
struct StartBatch {
  const WideModel<T>* model;

  template <Block B>
  SKARMA_PORTABLE void operator()(B& block, std::byte*) const {
    if (block.rank() != 0) return;
    WideProgress& progress = *model->progress;
    progress.first_row += progress.n_rows;
    const Count left = progress.rows.n - progress.first_row;
    progress.n_rows = left < model->room.max_rows ? left : model->room.max_rows;
  }
};

/// Adds the minibatch's loss and counts the step, between gradients and update.
template <class T>
struct FinishLosses {
  const WideModel<T>* model;

  template <Block B>
  SKARMA_PORTABLE void operator()(B& block, std::byte*) const {
    WideProgress& progress = *model->progress;
    const BlockRows batch = model->batch();
    if (batch.n == 0) return;
    double* const partial = model->room.partial;
    const double losses =
        sum(block, batch.n, partial, [&](Count r) { return model->room.row_losses[r]; });
    const double squares =
        sum(block, kWideLanes, partial, [&](Count lane) { return model->lanes[lane]; });
    if (block.rank() != 0) return;
    const BlockModel<T>& net = model->model;
    const double weight = weight_of(net.targets.weights, batch.target_positions, batch.n);
    const double mean = (losses + 0.5 * net.alpha * squares) / weight;
    progress.weight = weight;
    progress.loss_sum += mean * static_cast<double>(batch.n);
    ++progress.n_steps;
  }
};

}  // namespace skarma::gpu
