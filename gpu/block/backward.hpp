#pragma once

#include <cmath>

#include <skarma/gpu/block/forward.hpp>

// The way back, by the same promise. Gradients of the parts of a minibatch add up.

namespace skarma::gpu {

/// The loss of a row of outputs, in whose place the derivative comes, before LossChoice's factors.
template <class T>
SKARMA_PORTABLE double outputs_loss_and_delta(const BlockPass<T>& pass, Count r) {
  const BlockNet& net = pass.net;
  const std::size_t target = pass.target(r);
  T* row = pass.outputs() + r * net.n_outputs;
  const Count n = net.n_outputs;
  if (net.is_of_codes) {
    const Count right = static_cast<Count>(pass.targets.codes[target]);
    if (net.loss == kHinge) return hinge_of_row(row, n, right, 1);
    if (net.loss == kSquaredHinge) return hinge_of_row(row, n, right, 2);
    return softmax_loss(net.loss, net.loss_numbers, row, n, right);
  }
  const T* values = pass.targets.values + target * n;
  if (net.loss == kQuantile) return pinball_of_row(row, n, values, net.loss_numbers);
  const double number = net.n_loss_numbers > 0 ? net.loss_numbers[0] : 0.0;
  double loss = 0.0;
  for (Count j = 0; j < n; ++j) {
    T delta;
    loss += element_loss(net.loss, number, row[j], values[j], delta);
    row[j] = delta;
  }
  return net.averages_outputs ? loss / static_cast<double>(net.n_outputs) : loss;
}

/// With the factors.
template <class T>
SKARMA_PORTABLE double row_loss_and_delta(const BlockPass<T>& pass, Count r) {
  const BlockNet& net = pass.net;
  const double loss = outputs_loss_and_delta(pass, r);
  if (net.delta_factor != 1.0) {
    T* row = pass.outputs() + r * net.n_outputs;
    for (Count j = 0; j < net.n_outputs; ++j) row[j] *= static_cast<T>(net.delta_factor);
  }
  return net.value_factor == 1.0 ? loss : loss * net.value_factor;
}

/// Outputs become the derivative of the weighted loss; the room gets the rows' losses.
template <class T, Block B>
SKARMA_PORTABLE void row_losses_and_deltas(B& block, const BlockPass<T>& pass) {
  const T* weights = pass.targets.weights;
  each(block, pass.rows, [&](Count r) {
    const double loss = row_loss_and_delta(pass, r);
    const T weight = weights == nullptr ? T(1) : weights[pass.target(r)];
    pass.room.row_losses[r] = loss * static_cast<double>(weight);
    if (weights == nullptr) return;
    T* row = pass.outputs() + r * pass.net.n_outputs;
    for (Count j = 0; j < pass.net.n_outputs; ++j) row[j] *= weight;
  });
}

/// The derivative by z takes the place of what it is taken through, if it is not there already.
template <class T, Block B>
SKARMA_PORTABLE void delta_of_z(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  if (step.delta == kNone) return;
  each(block, pass.rows * step.units, [&](Count i) {
    T& z = pass.through(step)[i];
    z = pass.buffer(step.delta)[i] * slope(static_cast<ActivationFunction>(step.activation), z,
                                           static_cast<T>(step.activation_number));
  });
}

template <class T, Block B>
SKARMA_PORTABLE void bias_gradient(B& block, const BlockPass<T>& pass, const BlockStep& step,
                                   T* gradient) {
  if (!step.trains_bias) return;
  const T* delta = pass.through(step);
  each(block, step.channels, [&](Count column) {
    T& total = gradient[step.intercept + column];
    for (Count r = 0; r < pass.rows * step.places; ++r) total += delta[r * step.channels + column];
  });
}

template <class T, Block B>
SKARMA_PORTABLE void coef_gradient(B& block, const BlockPass<T>& pass, const BlockStep& step,
                                   T* gradient) {
  const Factor<T> x{pass.input(step), 1, step.inputs}, delta{pass.through(step), step.units, 1};
  const auto place = [&](Count row, Count column) -> T& {
    return gradient[step.coef + row * step.units + column];
  };
  product(block, step.inputs, step.units, pass.rows, x, delta, place,
          [&](Count row, Count column, T total) { place(row, column) = total; });
}

template <class T, Block B>
SKARMA_PORTABLE void input_delta(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  if (step.place == kNone) return;
  const Factor<T> delta{pass.through(step), step.units, 1};
  const Factor<T> w{pass.parameters + step.coef, 1, step.units};
  product(block, pass.rows, step.inputs, step.units, delta, w, FromZero<T>(),
          [&](Count row, Count column, T sum) {
            put_input_delta(pass, step, row * step.inputs + column, sum);
          });
}

/// Ioffe and Szegedy's, by the normalised x, the variance and the mean at once. The derivative by x
/// takes the place of x. Moving statistics, of a frozen one, do not depend on x.
template <class T, Block B>
SKARMA_PORTABLE void batch_norm_backward(B& block, const BlockPass<T>& pass, const BlockStep& step,
                                         T* gradient) {
  each(block, step.channels, [&](Count column) {
    T* x = pass.buffer(step.input);
    const T* delta = pass.through(step);
    const T* kept = pass.room.unit_numbers + step.unit_numbers + 2 * column;
    const Count rows = rows_of_norm(pass, step);
    T by_gamma = 0, by_beta = 0;
    for (Count r = 0; r < rows; ++r) {
      const Count i = r * step.channels + column;
      by_gamma += delta[i] * ((x[i] - kept[0]) * kept[1]);
      by_beta += delta[i];
    }
    gradient[step.slots[0] + column] += by_gamma;
    gradient[step.slots[1] + column] += by_beta;
    const T n = static_cast<T>(rows);
    const T factor = pass.parameters[step.slots[0] + column] * kept[1];
    for (Count r = 0; r < rows; ++r) {
      const Count i = r * step.channels + column;
      const T normalised = (x[i] - kept[0]) * kept[1];
      x[i] = factor * (step.frozen ? delta[i] : delta[i] - (by_beta + normalised * by_gamma) / n);
    }
  });
}

/// The derivatives by gamma and beta: a column is one thread's.
template <class T, Block B>
SKARMA_PORTABLE void layer_norm_gradient(B& block, const BlockPass<T>& pass, const BlockStep& step,
                                         T* gradient) {
  each(block, step.channels, [&](Count column) {
    const T* x = pass.buffer(step.input);
    const T* delta = pass.through(step);
    T& by_gamma = gradient[step.slots[0] + column];
    T& by_beta = gradient[step.slots[1] + column];
    for (Count r = 0; r < rows_of_norm(pass, step); ++r) {
      const Count i = r * step.channels + column;
      by_gamma += delta[i] * x[i];
      by_beta += delta[i];
    }
  });
}

/// Then the derivative by x takes the place of the normalised x: a row is one thread's.
template <class T, Block B>
SKARMA_PORTABLE void layer_norm_delta(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  each(block, rows_of_norm(pass, step), [&](Count r) {
    T* x = pass.buffer(step.input) + r * step.channels;
    const T* delta = pass.through(step) + r * step.channels;
    const T* gamma = pass.parameters + step.slots[0];
    T sum = 0, product = 0;
    for (Count j = 0; j < step.channels; ++j) {
      sum += delta[j] * gamma[j];
      product += delta[j] * gamma[j] * x[j];
    }
    const T n = static_cast<T>(step.channels), scale = pass.buffer(step.row_scales)[r];
    for (Count j = 0; j < step.channels; ++j) {
      x[j] = scale * (delta[j] * gamma[j] - (sum + x[j] * product) / n);
    }
  });
}

/// The derivative by the pieces takes their place.
template <class T, Block B>
SKARMA_PORTABLE void maxout_backward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  each(block, pass.rows * step.units, [&](Count i) {
    const Count pieces = step.inputs / step.units, place = place_of_largest(pass, step, i);
    T* z = pass.buffer(step.input);
    for (Count k = i * pieces; k < (i + 1) * pieces; ++k) z[k] = 0;
    z[place] = pass.buffer(step.delta)[i];
  });
}

/// Of the samples nobody wants it.
template <class T, Block B>
SKARMA_PORTABLE void dropout_backward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  if (step.delta == kNone) return;
  each(block, pass.rows * step.units, [&](Count i) {
    pass.buffer(step.output)[i] =
        is_kept(pass, step, i) ? pass.buffer(step.delta)[i] * static_cast<T>(step.dropped.factor)
                               : pass.buffer(step.delta)[i] * T(0);
  });
}

template <class T, Block B>
SKARMA_PORTABLE void rescale_backward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  if (step.delta == kNone) return;
  each(block, pass.rows * step.units, [&](Count i) {
    pass.buffer(step.output)[i] = pass.buffer(step.delta)[i] * static_cast<T>(step.rate);
  });
}

/// Of a sum at the end of a block, which is what another sum reads. Of others, readers look where
/// the delta is.
template <class T, Block B>
SKARMA_PORTABLE void add_backward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  if (step.place == kNone) return;
  copy<T>(block, pass.buffer(step.delta), pass.rows * step.units, pass.buffer(step.place));
}

/// Of steps that need one round of all threads and train nothing.
template <class T, Block B>
SKARMA_PORTABLE void pass_back(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  switch (step.operation) {
    case Operation::maxout:
      return maxout_backward(block, pass, step);
    case Operation::dropout:
    case Operation::alpha_dropout:
      return dropout_backward(block, pass, step);
    default:
      return;
  }
}

/// The same of what chains of layers alone have.
template <class T, Block B>
SKARMA_PORTABLE void pass_back_in_chain(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  switch (step.operation) {
    case Operation::rescale:
      return rescale_backward(block, pass, step);
    case Operation::add:
      return add_backward(block, pass, step);
    case Operation::max_pool:
      return max_pool_backward(block, pass, step);
    case Operation::average_pool:
      return average_pool_backward(block, pass, step);
    default:
      return;
  }
}

/// After row_losses_and_deltas(): adds the gradient (packed, of the trained parameters) of the sum
/// of the losses.
template <class T, Block B>
SKARMA_PORTABLE void backward(B& block, const BlockPass<T>& pass, T* gradient) {
  for (Count s = pass.net.n_steps; s-- > 0;) {
    const BlockStep& step = pass.net.steps[s];
    if (step.activation != kNone) delta_of_z(block, pass, step);
    if (step.operation == Operation::dense) {
      coef_gradient(block, pass, step, gradient);
      bias_gradient(block, pass, step, gradient);
      input_delta(block, pass, step);
    } else if (step.operation == Operation::conv2d) {
      conv2d_gradient(block, pass, step, gradient);
      bias_gradient(block, pass, step, gradient);
      conv2d_input_delta(block, pass, step);
    } else if (step.operation == Operation::batch_norm) {
      batch_norm_backward(block, pass, step, gradient);
    } else if (step.operation == Operation::layer_norm) {
      layer_norm_gradient(block, pass, step, gradient);
      layer_norm_delta(block, pass, step);
    } else {
      pass_back(block, pass, step);
      pass_back_in_chain(block, pass, step);
    }
  }
}

}  // namespace skarma::gpu
