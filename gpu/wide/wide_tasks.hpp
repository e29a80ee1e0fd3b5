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
    progress.n_rows = left < progress.batch_size ? left : progress.batch_size;
  }
};

/// Adds the minibatch's loss, between gradients and update; counts the step. Where the model does
/// not train, the losses of all minibatches are divided and penalised after the last one.
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
    progress.trains ? finish_step(progress, batch, losses, squares)
                    : finish_part(progress, batch, losses, squares);
  }

 private:
  SKARMA_PORTABLE void finish_step(WideProgress& progress, const BlockRows& batch, double losses,
                                   double squares) const {
    progress.weight = weight_of(model->model.targets.weights, batch.target_positions, batch.n);
    progress.loss_sum += mean(losses, squares, progress.weight) * static_cast<double>(batch.n);
    ++progress.n_steps;
  }
  SKARMA_PORTABLE void finish_part(WideProgress& progress, const BlockRows& batch, double losses,
                                   double squares) const {
    progress.loss_sum += losses;
    if (progress.first_row + batch.n < progress.rows.n) return;
    progress.weight = weight_of(model->model.targets.weights, nullptr, progress.rows.n);
    progress.loss_sum = mean(progress.loss_sum, squares, progress.weight);
  }
  SKARMA_PORTABLE double mean(double losses, double squares, double weight) const {
    return (losses + 0.5 * model->model.alpha * squares) / weight;
  }
};

}  // namespace skarma::gpu
