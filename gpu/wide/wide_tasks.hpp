#pragma once

#include <cstddef>

#include <skarma/gpu/wide/wide_model.hpp>

// What one block does for a wide model between minibatches.

namespace skarma::gpu {

/// Adds the loss of the minibatch that is over, if there was one, and goes on to the next, if there
/// is one. Where the model does not train, the losses of all minibatches are divided and penalised
/// after the last one.
template <class T>
struct NextBatch {
  const WideModel<T>* model;

  template <Block B>
  SKARMA_PORTABLE void operator()(B& block, std::byte*) const {
    WideProgress& progress = *model->progress;
    const Count n = progress.n_rows;
    double* const partial = model->room.partial;
    const double losses =
        sum(block, n, partial, [&](Count r) { return model->room.row_losses[r]; });
    const double penalties = sum(block, n == 0 ? 0 : kWideLanes, partial,
                                 [&](Count lane) { return model->lanes[lane]; });
    if (block.rank() != 0) return;  // the others have read what is written now
    if (n > 0)
      progress.trains ? finish_step(progress, losses, penalties)
                      : finish_part(progress, losses, penalties);
    start_next(progress);
  }

 private:
  SKARMA_PORTABLE void start_next(WideProgress& progress) const {
    progress.first_row += progress.n_rows;
    const Count left = progress.rows.n - progress.first_row;
    progress.n_rows = left < progress.batch_size ? left : progress.batch_size;
    if (progress.trains) progress.weight = weight(model->batch());
  }
  SKARMA_PORTABLE void finish_step(WideProgress& progress, double losses, double penalties) const {
    progress.loss_sum +=
        mean(losses, penalties, progress.weight) * static_cast<double>(progress.n_rows);
    ++progress.n_steps;
  }
  SKARMA_PORTABLE void finish_part(WideProgress& progress, double losses, double penalties) const {
    progress.loss_sum += losses;
    if (progress.first_row + progress.n_rows < progress.rows.n) return;
    progress.weight = weight_of(model->model.targets.weights, nullptr, progress.rows.n);
    progress.loss_sum = mean(progress.loss_sum, penalties, progress.weight);
  }
  SKARMA_PORTABLE double weight(const BlockRows& batch) const {
    return weight_of(model->model.targets.weights, batch.target_positions, batch.n);
  }
  SKARMA_PORTABLE double mean(double losses, double penalties, double weight) const {
    return (losses + penalty(model->model, penalties)) / weight;
  }
};

}  // namespace skarma::gpu
