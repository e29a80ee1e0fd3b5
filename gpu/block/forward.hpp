#pragma once

#include <cmath>

#include <skarma/core/kernels/philox.hpp>
#include <skarma/gpu/block/convolution.hpp>
#include <skarma/gpu/block/losses.hpp>
#include <skarma/gpu/block/pass.hpp>
#include <skarma/gpu/block/pooling.hpp>
#include <skarma/gpu/block/product.hpp>

// The way of some rows through a network by one block. Every value is computed by one thread, its
// sum in the order of the rows or units: bits do not depend on the size of the block.

namespace skarma::gpu {

/// x W + b and its activation; x W alone where the loss takes over.
template <class T, Block B>
SKARMA_PORTABLE void dense_forward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  const Factor<T> x{pass.input(step), step.inputs, 1};
  const Factor<T> w{pass.parameters + step.coef, step.units, 1};
  const T* bias = pass.parameters + step.intercept;
  product(block, pass.rows, step.units, step.inputs, x, w, FromZero<T>(),
          [&](Count row, Count column, T z) {
            const Count i = row * step.units + column;
            if (step.activation == kNone) {
              pass.buffer(step.output)[i] = z;
            } else {
              put_activated(pass, step, i, z + bias[column]);
            }
          });
}

/// As many rows as a norm by column sees: a row each place.
template <class T>
SKARMA_PORTABLE Count rows_of_norm(const BlockPass<T>& pass, const BlockStep& step) {
  return pass.rows * step.places;
}

/// The mean and the variance of a batch's column, and what training moves by them.
template <class T>
SKARMA_PORTABLE void take_moments(const BlockPass<T>& pass, const BlockStep& step, const T* x,
                                  Count column, T& mean, T& variance) {
  const Count rows = rows_of_norm(pass, step);
  const T n = static_cast<T>(rows);
  mean = variance = 0;
  for (Count r = 0; r < rows; ++r) mean += x[r * step.channels + column];
  mean /= n;
  for (Count r = 0; r < rows; ++r) {
    const T distance = x[r * step.channels + column] - mean;
    variance += distance * distance;
  }
  variance /= n;
  if (pass.statistics == nullptr) return;
  const T m = static_cast<T>(kBatchNormMomentum);
  T& moving_mean = pass.statistic(step, 2)[column];
  T& moving_variance = pass.statistic(step, 3)[column];
  moving_mean = (1 - m) * moving_mean + m * mean;
  moving_variance = (1 - m) * moving_variance + m * variance * (n > 1 ? n / (n - 1) : T(1));
}

/// In training the unit numbers keep mean and 1 / deviation of each column, which are the moving
/// ones where it is frozen.
template <class T, Block B>
SKARMA_PORTABLE void batch_norm_forward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  each(block, step.channels, [&](Count column) {
    const T* x = pass.input(step);
    T mean = pass.parameters[step.slots[2] + column];
    T variance = pass.parameters[step.slots[3] + column];
    if (pass.trains && !step.frozen) take_moments(pass, step, x, column, mean, variance);
    const T scale = 1 / std::sqrt(variance + static_cast<T>(kBatchNormEpsilon));
    if (pass.trains) {
      T* kept = pass.room.unit_numbers + step.unit_numbers + 2 * column;
      kept[0] = mean;
      kept[1] = scale;
    }
    const T gamma = pass.parameters[step.slots[0] + column];
    const T beta = pass.parameters[step.slots[1] + column];
    for (Count r = 0; r < rows_of_norm(pass, step); ++r) {
      const Count i = r * step.channels + column;
      put_activated(pass, step, i, (x[i] - mean) * scale * gamma + beta);
    }
  });
}

/// A row is one thread's. The normalised values take the place of what is read.
template <class T, Block B>
SKARMA_PORTABLE void layer_norm_forward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  each(block, rows_of_norm(pass, step), [&](Count r) {
    T* x = pass.buffer(step.input) + r * step.channels;
    const T n = static_cast<T>(step.channels);
    T mean = 0, variance = 0;
    for (Count j = 0; j < step.channels; ++j) mean += x[j];
    mean /= n;
    for (Count j = 0; j < step.channels; ++j) variance += (x[j] - mean) * (x[j] - mean);
    variance /= n;
    const T scale = 1 / std::sqrt(variance + static_cast<T>(kLayerNormEpsilon));
    pass.buffer(step.row_scales)[r] = scale;
    for (Count j = 0; j < step.channels; ++j) {
      x[j] = (x[j] - mean) * scale;
      put_activated(pass, step, r * step.channels + j,
                    x[j] * pass.parameters[step.slots[0] + j] + pass.parameters[step.slots[1] + j]);
    }
  });
}

/// Where the largest of the pieces of value number i is, in what a maxout reads: of equal ones the
/// first; a NaN, if there is one.
template <class T>
SKARMA_PORTABLE Count place_of_largest(const BlockPass<T>& pass, const BlockStep& step, Count i) {
  const T* z = pass.input(step);
  const Count pieces = step.inputs / step.units;
  Count place = i * pieces;
  for (Count k = i * pieces + 1; k < (i + 1) * pieces; ++k) {
    if (z[k] > z[place] || z[k] != z[k]) place = k;
  }
  return place;
}

/// The random numbers of value number i of the rows and of the three beside it, the same whenever
/// they are asked for.
template <class T>
SKARMA_PORTABLE kernels::PhiloxBlock words_of(const BlockPass<T>& pass, const BlockStep& step,
                                              Count i) {
  const Count row = pass.first_row + i / step.units, column = i % step.units;
  return kernels::dropout_words(pass.seed, pass.step_number, step.node, row, column / 4);
}

template <class T>
SKARMA_PORTABLE bool is_kept(const BlockPass<T>& pass, const BlockStep& step, Count i) {
  const auto [a, b, c, d] = words_of(pass, step, i);
  const std::uint32_t words[] = {a, b, c, d};
  const double kept = (1 - step.rate) * 4294967296.0;
  const auto below = static_cast<std::uint32_t>(kept < 4294967295.0 ? kept : 4294967295.0);
  return words[i % step.units % 4] < below;
}

/// What is dropped stays NaN if it was.
template <class T>
SKARMA_PORTABLE T dropped(const BlockPass<T>& pass, const BlockStep& step, Count i, T x) {
  return is_kept(pass, step, i)
             ? x * static_cast<T>(step.dropped.factor) + static_cast<T>(step.dropped.shift)
             : x * T(0) + static_cast<T>(step.dropped.dropped);
}

/// Box and Muller's, of two of the four words.
template <class T>
SKARMA_PORTABLE T noise_of(const BlockPass<T>& pass, const BlockStep& step, Count i) {
  const auto [a, b, c, d] = words_of(pass, step, i);
  const Count place = i % step.units % 4;
  const double u = ((place < 2 ? a : c) + 0.5) / 4294967296.0;
  const double angle = (place < 2 ? b : d) / 4294967296.0 * 6.283185307179586;
  const double wave = place % 2 == 0 ? std::cos(angle) : std::sin(angle);
  return static_cast<T>(step.rate * (std::sqrt(-2 * std::log(u)) * wave));
}

/// Of what hidden layers of a multi-layer perceptron have.
template <class T, Block B>
SKARMA_PORTABLE void forward_step(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  const Count n = pass.rows * step.units;
  switch (step.operation) {
    case Operation::dense:
      dense_forward(block, pass, step);
      break;
    case Operation::batch_norm:
      batch_norm_forward(block, pass, step);
      break;
    case Operation::layer_norm:
      layer_norm_forward(block, pass, step);
      break;
    case Operation::dropout:
    case Operation::alpha_dropout:
      each(block, n, [&](Count i) {
        const T x = pass.input(step)[i];
        pass.buffer(step.output)[i] = pass.trains ? dropped(pass, step, i, x) : x;
      });
      break;
    case Operation::maxout:
      each(block, n, [&](Count i) {
        pass.buffer(step.output)[i] = pass.input(step)[place_of_largest(pass, step, i)];
      });
      break;
    case Operation::noise:
      each(block, n, [&](Count i) {
        const T x = pass.input(step)[i];
        pass.buffer(step.output)[i] = pass.trains ? x + noise_of(pass, step, i) : x;
      });
      break;
    case Operation::add:
      each(block, n, [&](Count i) {
        pass.buffer(step.output)[i] = pass.input(step)[i] + pass.buffer(step.second)[i];
      });
      break;
    default:
      break;
  }
}

/// Of what chains of layers alone have, but for convolutions.
template <class T, Block B>
SKARMA_PORTABLE void forward_step_of_chain(B& block, const BlockPass<T>& pass,
                                           const BlockStep& step) {
  const Count n = pass.rows * step.units;
  switch (step.operation) {
    case Operation::activation:
      each(block, n, [&](Count i) { put_activated(pass, step, i, pass.input(step)[i]); });
      break;
    case Operation::rescale:
      each(block, n, [&](Count i) {
        pass.buffer(step.output)[i] =
            pass.input(step)[i] * static_cast<T>(step.rate) + static_cast<T>(step.shift);
      });
      break;
    case Operation::max_pool:
      max_pool_forward(block, pass, step);
      break;
    case Operation::average_pool:
      average_pool_forward(block, pass, step);
      break;
    default:
      break;
  }
}

template <class T, Block B>
SKARMA_PORTABLE void forward(B& block, const BlockPass<T>& pass) {
  for (Count s = 0; s < pass.net.n_steps; ++s) {
    const BlockStep& step = pass.net.steps[s];
    if (step.operation == Operation::conv2d) {
      conv2d_forward(block, pass, step);
    } else if (is_of_chains(step.operation)) {
      forward_step_of_chain(block, pass, step);
    } else {
      forward_step(block, pass, step);
    }
  }
}

/// What the last step left becomes outputs: bias and link.
template <class T, Block B>
SKARMA_PORTABLE void link(B& block, const BlockPass<T>& pass) {
  const BlockNet& net = pass.net;
  const T* bias = pass.parameters + net.steps[net.n_steps - 1].intercept;
  each(block, pass.rows, [&](Count r) {
    T* row = pass.outputs() + r * net.n_outputs;
    for (Count j = 0; j < net.n_outputs; ++j) {
      row[j] += bias[j];
      if (net.link >= 0) row[j] = activated(static_cast<ActivationFunction>(net.link), row[j]);
    }
    if (net.link == link_code(kSoftmaxLink)) softmax(row, net.n_outputs);
    if (net.link == link_code(kOrderedLink)) put_in_order(row, net.n_outputs);
  });
}

}  // namespace skarma::gpu
