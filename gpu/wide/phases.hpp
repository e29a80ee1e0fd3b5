#pragma once

#include <skarma/gpu/block/backward.hpp>
#include <skarma/gpu/block/update.hpp>
#include <skarma/gpu/wide/unfolding.hpp>
#include <skarma/gpu/wide/wide_model.hpp>

// What happens to a wide network between products. A phase is run by all threads of a grid, who
// never wait for each other: what one writes another one reads in a later phase alone.

namespace skarma::gpu {

/// Threads of a grid, or of all those of one model in it.
struct GridThread {
  Count place, n;
  SKARMA_PORTABLE Count rank() const { return place; }
  SKARMA_PORTABLE Count size() const { return n; }
  SKARMA_PORTABLE void sync() {}
};

enum class Phase {
  gather,          // samples: dense ones, or zeros
  gather_entries,  // sparse ones
  map_entries,
  forward,               // of a step; one with weights after its product
  outputs,               // link, losses and derivatives
  delta,                 // of a step: the derivative by z
  gradient,              // of a step that has no weights
  input_delta,           // of a dense step after its product; of a layer_norm after its gradient
  penalties,             // of the weights
  penalties_and_biases,  // and the gradients of all biases
  clip,       // where there is a clip_norm: a gradient with its penalties, and its squares
  sum_lanes,  // of these
  update,
  limit_norms,  // of the weights of a step
  clear,        // the gradient
  penalise,     // a gradient that has been added up
  // Of chains of layers:
  chain_forward,
  chain_back,
  // and of a tile of a convolution's places:
  unfold,  // what windows see
  fold,    // derivatives by what they see
  biases_of_parts,
  add_parts  // of the gradient
};

SKARMA_PORTABLE constexpr bool is_of_chains(Phase phase) { return phase >= Phase::chain_forward; }

/// Puts zeros into rows that there are not.
template <class T>
SKARMA_PORTABLE void clear_rest(GridThread& grid, T* values, Count width, Count n_rows,
                                Count max_rows) {
  each(grid, (max_rows - n_rows) * width, [&](Count i) { values[n_rows * width + i] = 0; });
}

/// Bias and activation of what a product left in the output.
template <class T>
SKARMA_PORTABLE void finish_dense(GridThread& grid, const BlockPass<T>& pass,
                                  const BlockStep& step) {
  const T* bias = pass.parameters + step.intercept;
  each(grid, pass.rows * step.units, [&](Count i) {
    put_activated(pass, step, i, pass.buffer(step.output)[i] + bias[i % step.channels]);
  });
}

template <class T>
SKARMA_PORTABLE void clear_rest_of_outputs(GridThread& grid, const BlockPass<T>& pass,
                                           const BlockStep& step) {
  clear_rest(grid, pass.buffer(step.output), step.units, pass.rows, pass.room.max_rows);
  if (step.preactivation == kNone) return;
  clear_rest(grid, pass.buffer(step.preactivation), step.units, pass.rows, pass.room.max_rows);
}

template <class T>
SKARMA_PORTABLE void forward_phase(GridThread& grid, const WideModel<T>& model,
                                   const BlockStep& step) {
  const BlockPass<T> pass = model.pass(false);
  if (has_weights(step.operation)) {
    finish_dense(grid, pass, step);
  } else if (pass.rows > 0) {
    forward_step(grid, pass, step);
  }
  clear_rest_of_outputs(grid, pass, step);
}

/// A row's outputs and what becomes of them are one thread's.
template <class T>
SKARMA_PORTABLE void outputs_phase(GridThread& grid, const WideModel<T>& model) {
  const BlockPass<T> pass = model.pass(false);
  clear_rest(grid, pass.outputs(), model.model.net.n_outputs, pass.rows, pass.room.max_rows);
  link(grid, pass);
  row_losses_and_deltas(grid, pass);
}

/// Of a model that trains: gradients of minibatches do not add up.
template <class T>
SKARMA_PORTABLE void clear_gradient(GridThread& grid, const WideModel<T>& model, Count begin,
                                    Count n) {
  if (!model.progress->trains) return;
  each(grid, n, [&](Count i) { model.gradient[begin + i] = 0; });
}

/// Derivatives of all dense steps are still there.
template <class T>
SKARMA_PORTABLE void biases_phase(GridThread& grid, const WideModel<T>& model) {
  const BlockNet& net = model.model.net;
  for (Count s = 0; s < net.n_steps; ++s) {
    const BlockStep& step = net.steps[s];
    if (step.operation != Operation::dense) continue;
    clear_gradient(grid, model, step.intercept, step.units);
    bias_gradient(grid, model.pass(false), step, model.gradient);
  }
}

template <class T>
SKARMA_PORTABLE void gradient_phase(GridThread& grid, const WideModel<T>& model,
                                    const BlockStep& step) {
  const BlockPass<T> pass = model.pass(false);
  if (step.operation == Operation::batch_norm) {
    clear_gradient(grid, model, step.slots[0], step.channels);
    clear_gradient(grid, model, step.slots[1], step.channels);
    if (pass.rows > 0) batch_norm_backward(grid, pass, step, model.gradient);
    // A fused bias is in the rows beyond the end.
    clear_rest(grid, pass.buffer(step.input), step.units, pass.rows, pass.room.max_rows);
  } else if (step.operation == Operation::layer_norm) {
    clear_gradient(grid, model, step.slots[0], step.channels);
    clear_gradient(grid, model, step.slots[1], step.channels);
    layer_norm_gradient(grid, pass, step, model.gradient);
  } else {
    pass_back(grid, model.pass(true), step);
  }
}

/// A product left the derivative by the input in `products`, in front of what it is joined with.
template <class T>
SKARMA_PORTABLE void input_delta_phase(GridThread& grid, const WideModel<T>& model,
                                       const BlockStep& step) {
  const BlockPass<T> pass = model.pass(true);
  if (step.operation == Operation::layer_norm) {
    // A fused bias is in the rows beyond the end.
    const Count rows = model.pass(false).rows;
    clear_rest(grid, pass.buffer(step.input), step.units, rows, pass.room.max_rows);
    return layer_norm_delta(grid, model.pass(false), step);
  }
  each(grid, pass.rows * step.inputs,
       [&](Count i) { put_input_delta(pass, step, i, model.products[i]); });
}

template <class T>
SKARMA_PORTABLE void penalties_phase(GridThread& grid, const WideModel<T>& model) {
  const BlockNet& net = model.model.net;
  each(grid, kWideLanes, [&](Count lane) {
    double total = 0.0;
    for (Count k = 0; k < net.n_runs; ++k) {
      const BlockRun& run = net.runs[k];
      if (!run.is_penalised) continue;
      for (Count i = run.begin + lane; i < run.end; i += kWideLanes) {
        total += penalty_term(model.model, model.parameters[i]);
      }
    }
    model.lanes[lane] = total;
  });
}

/// A lane's part of the gradient is one thread's: it is penalised, clipped and squared.
template <class T>
SKARMA_PORTABLE void clip_phase(GridThread& grid, const WideModel<T>& model) {
  const BlockNet& net = model.model.net;
  const BlockRestraints& restraints = model.model.restraints;
  if (model.progress->n_rows == 0) return;
  each(grid, kWideLanes, [&](Count lane) {
    double total = 0.0;
    for (Count k = 0; k < net.n_runs; ++k) {
      const BlockRun& run = net.runs[k];
      for (Count i = run.begin + lane; i < run.end; i += kWideLanes) {
        T g = penalised(model.model, run, model.parameters[i], model.gradient[i],
                        model.progress->weight);
        if (restraints.clip_value > 0) g = clipped(g, restraints.clip_value);
        model.gradient[i] = g;
        total += static_cast<double>(g) * static_cast<double>(g);
      }
    }
    model.lanes[kWideLanes + lane] = total;
  });
}

template <class T>
SKARMA_PORTABLE void sum_lanes_phase(GridThread& grid, const WideModel<T>& model) {
  const double* const lanes = model.lanes + kWideLanes;
  each(grid, kNormLanes, [&](Count i) {
    double total = 0.0;
    for (Count lane = i; lane < kWideLanes; lane += kNormLanes) total += lanes[lane];
    model.lanes[2 * kWideLanes + i] = total;
  });
}

/// What clip_phase has left is multiplied by this.
template <class T>
SKARMA_PORTABLE double share_of_norm(const WideModel<T>& model) {
  double squares = 0.0;
  for (Count i = 0; i < kNormLanes; ++i) squares += model.lanes[2 * kWideLanes + i];
  return clip_share(squares, model.model.restraints.clip_norm);
}

/// A parameter's gradient and step are one thread's.
template <class T>
SKARMA_PORTABLE void update_phase(GridThread& grid, const WideModel<T>& model) {
  const WideProgress& progress = *model.progress;
  const BlockRestraints& restraints = model.model.restraints;
  if (progress.n_rows == 0) return;
  double share = 1.0;
  if (restraints.clip_norm > 0) {
    share = share_of_norm(model);
  } else {
    penalise(grid, model.model, model.parameters, model.gradient, progress.weight);
    clip_values(grid, model.model.net, restraints, model.gradient);
  }
  update(grid, model.model.net,
         BlockState<T>{model.parameters, model.moments, model.gradient, progress.n_steps + 1},
         progress.rule, restraints, share);
}

template <class T>
SKARMA_PORTABLE void limit_norms_phase(GridThread& grid, const WideModel<T>& model,
                                       const BlockStep& step) {
  if (model.progress->n_rows == 0) return;
  limit_norms_of(grid, step, model.model.restraints.max_norm, model.parameters);
}

template <class T>
SKARMA_PORTABLE void chain_forward_phase(GridThread& grid, const WideModel<T>& model,
                                         const BlockStep& step) {
  const BlockPass<T> pass = model.pass(false);
  forward_step_of_chain(grid, pass, step);
  clear_rest_of_outputs(grid, pass, step);
}

template <class T>
SKARMA_PORTABLE void chain_back_phase(GridThread& grid, const WideModel<T>& model,
                                      const BlockStep& step) {
  const bool gathers = is_pool(step.operation);
  const BlockPass<T> pass = model.pass(!gathers);
  pass_back_in_chain(grid, pass, step);
  if (!gathers) return;
  clear_rest(grid, pass.buffer(step.place), step.inputs, pass.rows, pass.room.max_rows);
}

template <class T>
SKARMA_PORTABLE void penalise_phase(GridThread& grid, const WideModel<T>& model) {
  if (model.progress->rows.n == 0) return;
  penalise(grid, model.model, model.parameters, model.gradient, model.progress->weight);
}

/// `first_place`: of the tile.
template <class T>
SKARMA_PORTABLE void run_phase_of_chains(GridThread grid, const WideModel<T>& model, Phase phase,
                                         Count step_number, Count first_place) {
  const BlockStep& step = model.model.net.steps[step_number];
  switch (phase) {
    case Phase::chain_forward:
      return chain_forward_phase(grid, model, step);
    case Phase::chain_back:
      return chain_back_phase(grid, model, step);
    case Phase::unfold:
      return unfold(grid, model, step, first_place);
    case Phase::fold:
      return fold(grid, model, step, first_place);
    case Phase::biases_of_parts:
      return sum_biases_of_parts(grid, model, step, first_place);
    case Phase::add_parts:
      return add_parts(grid, model, step, first_place);
    default:
      return;
  }
}

template <class T>
SKARMA_PORTABLE void run_phase(GridThread grid, const WideModel<T>& model, Phase phase,
                               Count step_number) {
  const BlockStep& step = model.model.net.steps[step_number];
  switch (phase) {
    case Phase::gather:
      gather_dense_or_zeros(grid, model.batch(), model.room.x);
      clear_rest(grid, model.room.x, model.model.net.n_inputs, model.progress->n_rows,
                 model.room.max_rows);
      break;
    case Phase::gather_entries:
      gather_entries(grid, model.batch(), model.room.x);
      break;
    case Phase::map_entries:
      map_entries(grid, model.batch(), model.room.x);
      break;
    case Phase::forward:
      forward_phase(grid, model, step);
      break;
    case Phase::outputs:
      outputs_phase(grid, model);
      break;
    case Phase::delta:
      delta_of_z(grid, model.pass(true), step);
      break;
    case Phase::gradient:
      gradient_phase(grid, model, step);
      break;
    case Phase::input_delta:
      input_delta_phase(grid, model, step);
      break;
    case Phase::penalties_and_biases:
      biases_phase(grid, model);
      [[fallthrough]];
    case Phase::penalties:
      penalties_phase(grid, model);
      break;
    case Phase::clip:
      clip_phase(grid, model);
      break;
    case Phase::sum_lanes:
      sum_lanes_phase(grid, model);
      break;
    case Phase::update:
      update_phase(grid, model);
      break;
    case Phase::limit_norms:
      limit_norms_phase(grid, model, step);
      break;
    case Phase::clear:
      each(grid, model.model.net.n_trained, [&](Count i) { model.gradient[i] = 0; });
      break;
    case Phase::penalise:
      penalise_phase(grid, model);
      break;
    case Phase::chain_forward:  // run_phase_of_chains
    case Phase::chain_back:
    case Phase::unfold:
    case Phase::fold:
    case Phase::biases_of_parts:
    case Phase::add_parts:
      break;
  }
}

}  // namespace skarma::gpu
