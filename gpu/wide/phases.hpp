#pragma once

#include <skarma/gpu/block/backward.hpp>
#include <skarma/gpu/block/update.hpp>
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
  forward,             // of a step; a dense one after its product
  outputs,             // link, losses and derivatives
  delta,               // of a step: the derivative by z
  gradient,            // of a step that is not dense
  input_delta,         // of a dense step after its product
  squares,             // of the penalised parameters
  squares_and_biases,  // and the gradients of all biases
  update,
  clear,    // the gradient
  penalise  // a gradient that has been added up
};

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
    put_activated(pass, step, i, pass.buffer(step.output)[i] + bias[i % step.units]);
  });
}

template <class T>
SKARMA_PORTABLE void forward_phase(GridThread& grid, const WideModel<T>& model,
                                   const BlockStep& step) {
  const BlockPass<T> pass = model.pass(false);
  if (step.operation == Operation::dense) {
    finish_dense(grid, pass, step);
  } else if (pass.rows > 0) {
    forward_step(grid, pass, step);
  }
  clear_rest(grid, pass.buffer(step.output), step.units, pass.rows, pass.room.max_rows);
  if (step.preactivation == kNone) return;
  clear_rest(grid, pass.buffer(step.preactivation), step.units, pass.rows, pass.room.max_rows);
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
    clear_gradient(grid, model, step.slots[0], step.units);
    clear_gradient(grid, model, step.slots[1], step.units);
    if (pass.rows > 0) batch_norm_backward(grid, pass, step, model.gradient);
  } else if (step.operation == Operation::dropout) {
    dropout_backward(grid, model.pass(true), step);
  }
}

/// A product left the derivative by the input in `products`, in front of what it is joined with.
template <class T>
SKARMA_PORTABLE void input_delta_phase(GridThread& grid, const WideModel<T>& model,
                                       const BlockStep& step) {
  const BlockPass<T> pass = model.pass(true);
  each(grid, pass.rows * step.inputs,
       [&](Count i) { put_input_delta(pass, step, i, model.products[i]); });
}

template <class T>
SKARMA_PORTABLE void squares_phase(GridThread& grid, const WideModel<T>& model) {
  const BlockNet& net = model.model.net;
  each(grid, kWideLanes, [&](Count lane) {
    double total = 0.0;
    for (Count k = 0; k < net.n_runs; ++k) {
      const BlockRun& run = net.runs[k];
      if (!run.is_penalised) continue;
      for (Count i = run.begin + lane; i < run.end; i += kWideLanes) {
        const double w = static_cast<double>(model.parameters[i]);
        total += w * w;
      }
    }
    model.lanes[lane] = total;
  });
}

/// A parameter's gradient and step are one thread's.
template <class T>
SKARMA_PORTABLE void update_phase(GridThread& grid, const WideModel<T>& model) {
  const WideProgress& progress = *model.progress;
  if (progress.n_rows == 0) return;
  penalise(grid, model.model.net, model.parameters, model.gradient, model.model.alpha,
           progress.weight);
  update(grid, model.model.net,
         BlockState<T>{model.parameters, model.moments, model.gradient, progress.n_steps + 1},
         progress.rule);
}

template <class T>
SKARMA_PORTABLE void penalise_phase(GridThread& grid, const WideModel<T>& model) {
  if (model.progress->rows.n == 0) return;
  penalise(grid, model.model.net, model.parameters, model.gradient, model.model.alpha,
           model.progress->weight);
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
    case Phase::squares_and_biases:
      biases_phase(grid, model);
      [[fallthrough]];
    case Phase::squares:
      squares_phase(grid, model);
      break;
    case Phase::update:
      update_phase(grid, model);
      break;
    case Phase::clear:
      each(grid, model.model.net.n_trained, [&](Count i) { model.gradient[i] = 0; });
      break;
    case Phase::penalise:
      penalise_phase(grid, model);
      break;
  }
}

}  // namespace skarma::gpu
