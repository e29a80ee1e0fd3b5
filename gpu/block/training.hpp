#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <skarma/gpu/block/backward.hpp>
#include <skarma/gpu/block/restraints.hpp>
#include <skarma/gpu/block/samples.hpp>
#include <skarma/gpu/block/update.hpp>

// Minibatch after minibatch by one block. A minibatch that is larger than the room goes through it
// part by part, which changes no bit.

namespace skarma::gpu {

/// What stays the same while a model trains.
template <class T>
struct BlockModel {
  BlockNet net;
  BlockTargets<T> targets;
  double alpha;
  BlockRestraints restraints;
  std::uint64_t seed;  // of dropout
};

/// The sum of the weights of some rows, by each thread.
template <class T>
SKARMA_PORTABLE double weight_of(const T* weights, const std::uint32_t* positions, Count n) {
  if (weights == nullptr) return static_cast<double>(n);
  double total = 0.0;
  for (Count r = 0; r < n; ++r) {
    total += static_cast<double>(weights[positions == nullptr ? r : positions[r]]);
  }
  return total;
}

/// A weight's term of the sum that penalty() makes the penalties of.
template <class T>
SKARMA_PORTABLE double penalty_term(const BlockModel<T>& model, T weight) {
  const double w = static_cast<double>(weight);
  if (model.restraints.l1 == 0) return w * w;
  return 0.5 * model.alpha * (w * w) + model.restraints.l1 * std::fabs(w);
}

template <class T>
SKARMA_PORTABLE double penalty(const BlockModel<T>& model, double sum) {
  return model.restraints.l1 == 0 ? 0.5 * model.alpha * sum : sum;
}

/// The penalties of all weights, which are added to a sum of losses.
template <class T, Block B>
SKARMA_PORTABLE double sum_of_penalties(B& block, const BlockModel<T>& model, const T* parameters,
                                        double* partial) {
  double total = 0.0;
  for (Count k = 0; k < model.net.n_runs; ++k) {
    const BlockRun& run = model.net.runs[k];
    if (!run.is_penalised) continue;
    total += sum(block, run.end - run.begin, partial,
                 [&](Count j) { return penalty_term(model, parameters[run.begin + j]); });
  }
  return penalty(model, total);
}

/// The gradient of a sum, by one parameter of a run, becomes that of the penalised mean.
template <class T>
SKARMA_PORTABLE T penalised(const BlockModel<T>& model, const BlockRun& run, T w, T gradient,
                            double weight) {
  const T share = run.is_penalised ? static_cast<T>(model.alpha) : T(0);
  const T g = (gradient + share * w) / static_cast<T>(weight);
  if (model.restraints.l1 == 0 || !run.is_penalised) return g;
  return g + l1_slope_of(static_cast<T>(model.restraints.l1 / weight), w, g);
}

template <class T, Block B>
SKARMA_PORTABLE void penalise(B& block, const BlockModel<T>& model, const T* parameters,
                              T* gradient, double weight) {
  for (Count k = 0; k < model.net.n_runs; ++k) {
    const BlockRun& run = model.net.runs[k];
    each(block, run.end - run.begin, [&](Count j) {
      const Count i = run.begin + j;
      gradient[i] = penalised(model, run, parameters[i], gradient[i], weight);
    });
  }
}

/// The loss of the rows' sum so far is in the room's partial sums, its gradient in state.gradient.
template <class T, Block B>
SKARMA_PORTABLE void start_losses(B& block, const BlockNet& net, const BlockRoom<T>& room,
                                  T* gradient) {
  start_sum(block, room.partial);
  each(block, net.n_trained, [&](Count i) { gradient[i] = 0; });
}

/// Adds the losses of some rows, of which `first_row` is the place of the first in the minibatch,
/// and their gradient.
template <class T, Block B>
SKARMA_PORTABLE void add_losses(B& block, const BlockModel<T>& model, const BlockRoom<T>& room,
                                const BlockState<T>& state, const BlockRows& rows, Count first_row,
                                T* statistics) {
  for (Count begin = 0; begin < rows.n; begin += room.max_rows) {
    const Count left = rows.n - begin;
    const BlockRows some = rows.part(begin, left < room.max_rows ? left : room.max_rows);
    gather(block, some, room.x);
    const BlockPass<T> pass{.net = model.net,
                            .room = room,
                            .parameters = state.parameters,
                            .rows = some.n,
                            .first_row = first_row + begin,
                            .targets = model.targets,
                            .positions = some.target_positions,
                            .trains = true,
                            .seed = model.seed,
                            .step_number = static_cast<std::uint64_t>(state.n_steps),
                            .statistics = statistics};
    forward(block, pass);
    link(block, pass);
    row_losses_and_deltas(block, pass);
    add_terms(block, pass.first_row, pass.rows, room.partial,
              [&](Count r) { return room.row_losses[r]; });
    backward(block, pass, state.gradient);
  }
}

/// The mean loss with the penalty, for all threads; the gradient becomes that of it.
template <class T, Block B>
SKARMA_PORTABLE double finish_losses(B& block, const BlockModel<T>& model, const BlockRoom<T>& room,
                                     const BlockState<T>& state, double weight) {
  const double losses = finish_sum(block, room.partial);
  const double penalties = sum_of_penalties(block, model, state.parameters, room.partial);
  penalise(block, model, state.parameters, state.gradient, weight);
  return (losses + penalties) / weight;
}

/// Trains through all rows, `batch_size` at a time. Adds (loss with penalty) * rows of each
/// minibatch to `loss_sum` and returns it; leaves the number of steps to the caller.
template <class T, Block B>
SKARMA_PORTABLE double train(B& block, const BlockModel<T>& model, const BlockRoom<T>& room,
                             BlockState<T> state, const BlockRule& rule, const BlockRows& rows,
                             Count batch_size, double loss_sum) {
  for (Count begin = 0; begin < rows.n; begin += batch_size) {
    const Count left = rows.n - begin;
    const BlockRows batch = rows.part(begin, left < batch_size ? left : batch_size);
    start_losses(block, model.net, room, state.gradient);
    add_losses(block, model, room, state, batch, 0, state.parameters + model.net.n_trained);
    const double weight = weight_of(model.targets.weights, batch.target_positions, batch.n);
    loss_sum += finish_losses(block, model, room, state, weight) * static_cast<double>(batch.n);
    ++state.n_steps;
    const double share = clip(block, model.net, model.restraints, state.gradient, room.partial);
    update(block, model.net, state, rule, model.restraints, share);
    limit_norms(block, model.net, model.restraints, state.parameters);
  }
  return loss_sum;
}

}  // namespace skarma::gpu
