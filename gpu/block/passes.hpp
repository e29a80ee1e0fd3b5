#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <skarma/core/kernels/philox.hpp>
#include <skarma/gpu/block/block.hpp>
#include <skarma/gpu/block/block_net.hpp>
#include <skarma/gpu/block/functions.hpp>

// The forward and backward pass of a network by one block. Every value is computed by one thread,
// its sum in the order of the rows or units: bits do not depend on the size of the block.

namespace skarma::gpu {

/// The targets of some rows: codes, or values of shape (rows, n_outputs). Weights may be null.
template <class T>
struct BlockTargets {
  const std::int32_t* codes;
  const T* values;
  const T* weights;
};

/// Where a block writes, for up to `max_rows` rows.
template <class T>
struct BlockWorkspace {
  T* buffers;
  T* unit_numbers;
  double* row_losses;  // one a row
  double* partial;     // kPartialSums
  std::size_t max_rows;
};

/// Some rows on their way through a network.
template <class T>
struct BlockPass {
  BlockNet net;
  BlockWorkspace<T> room;
  const T* parameters;
  const T* x;  // (rows, n_inputs)
  std::size_t rows;
  bool trains;                // what follows is for training alone
  std::uint64_t seed;         // of dropout
  std::uint64_t step_number;  // of the minibatch
  T* statistics;              // the parameters that are not trained, to be moved, or null

  SKARMA_PORTABLE T* buffer(int number) const {
    return room.buffers + net.starts[number] * room.max_rows;
  }
  SKARMA_PORTABLE const T* input(const BlockStep& step) const {
    return step.input == kNone ? x : buffer(step.input);
  }
  SKARMA_PORTABLE T* through(const BlockStep& step) const {
    return buffer(step.preactivation == kNone ? step.output : step.preactivation);
  }
  SKARMA_PORTABLE T* statistic(const BlockStep& step, int slot) const {
    return statistics + (step.slots[slot] - net.n_trained);
  }
};

// ---- forward ----------------------------------------------------------------------------------

/// z is kept where the derivative is taken through it.
template <class T>
SKARMA_PORTABLE void put_activated(const BlockPass<T>& pass, const BlockStep& step, std::size_t i,
                                   T z) {
  if (step.preactivation != kNone) pass.buffer(step.preactivation)[i] = z;
  pass.buffer(step.output)[i] = activated(static_cast<ActivationFunction>(step.activation), z);
}

/// x W + b and its activation; x W alone where the loss takes over.
template <class T, Block B>
SKARMA_PORTABLE void dense_forward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  const std::size_t inputs = step.layer.inputs, units = step.layer.outputs;
  const T* x = pass.input(step);
  const T* w = pass.parameters + step.layer.coef;
  const T* b = pass.parameters + step.layer.intercept;
  each(block, pass.rows * units, [&](std::size_t i) {
    const std::size_t column = i % units;
    const T* row = x + i / units * inputs;
    T z = 0;
    for (std::size_t k = 0; k < inputs; ++k) z += row[k] * w[k * units + column];
    if (step.activation == kNone) {
      pass.buffer(step.output)[i] = z;
    } else {
      put_activated(pass, step, i, z + b[column]);
    }
  });
}

/// The mean and the variance of a batch's column, and what training moves by them.
template <class T>
SKARMA_PORTABLE void take_moments(const BlockPass<T>& pass, const BlockStep& step, const T* x,
                                  std::size_t column, T& mean, T& variance) {
  const T n = static_cast<T>(pass.rows);
  mean = variance = 0;
  for (std::size_t r = 0; r < pass.rows; ++r) mean += x[r * step.units + column];
  mean /= n;
  for (std::size_t r = 0; r < pass.rows; ++r) {
    const T distance = x[r * step.units + column] - mean;
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

/// In training the unit numbers keep mean and 1 / deviation of each column.
template <class T, Block B>
SKARMA_PORTABLE void batch_norm_forward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  each(block, step.units, [&](std::size_t column) {
    const T* x = pass.input(step);
    T mean = pass.parameters[step.slots[2] + column];
    T variance = pass.parameters[step.slots[3] + column];
    if (pass.trains) take_moments(pass, step, x, column, mean, variance);
    const T scale = 1 / std::sqrt(variance + static_cast<T>(kBatchNormEpsilon));
    if (pass.trains) {
      T* kept = pass.room.unit_numbers + step.unit_numbers + 2 * column;
      kept[0] = mean;
      kept[1] = scale;
    }
    const T gamma = pass.parameters[step.slots[0] + column];
    const T beta = pass.parameters[step.slots[1] + column];
    for (std::size_t r = 0; r < pass.rows; ++r) {
      const std::size_t i = r * step.units + column;
      put_activated(pass, step, i, (x[i] - mean) * scale * gamma + beta);
    }
  });
}

/// 0 or 1 / (1 - rate) for value number i of a batch, the same whenever it is asked for.
template <class T>
SKARMA_PORTABLE T dropout_factor(const BlockPass<T>& pass, const BlockStep& step, std::size_t i) {
  const auto row = static_cast<std::uint32_t>(i / step.units);
  const auto column = static_cast<std::uint32_t>(i % step.units);
  const auto [a, b, c, d] =
      kernels::dropout_words(pass.seed, pass.step_number, step.node, row, column / 4);
  const std::uint32_t words[] = {a, b, c, d};
  const double kept = (1 - step.rate) * 4294967296.0;
  const auto below = static_cast<std::uint32_t>(kept < 4294967295.0 ? kept : 4294967295.0);
  return words[column % 4] < below ? static_cast<T>(1 / (1 - step.rate)) : T(0);
}

template <class T, Block B>
SKARMA_PORTABLE void forward(B& block, const BlockPass<T>& pass) {
  for (std::size_t s = 0; s < pass.net.n_steps; ++s) {
    const BlockStep& step = pass.net.steps[s];
    const std::size_t n = pass.rows * step.units;
    switch (step.operation) {
      case Operation::dense:
        dense_forward(block, pass, step);
        break;
      case Operation::batch_norm:
        batch_norm_forward(block, pass, step);
        break;
      case Operation::dropout:
        each(block, n, [&](std::size_t i) {
          const T x = pass.input(step)[i];
          pass.buffer(step.output)[i] = pass.trains ? x * dropout_factor(pass, step, i) : x;
        });
        break;
      case Operation::add:
        each(block, n, [&](std::size_t i) {
          pass.buffer(step.output)[i] = pass.input(step)[i] + pass.buffer(step.second)[i];
        });
        break;
      case Operation::input:
      case Operation::activation:  // joined to the step before
      case Operation::count:
        break;
    }
  }
}

/// What the last step left becomes outputs: bias and link.
template <class T, Block B>
SKARMA_PORTABLE void link(B& block, const BlockPass<T>& pass) {
  const BlockNet& net = pass.net;
  const BlockStep& last = net.steps[net.n_steps - 1];
  each(block, pass.rows, [&](std::size_t r) {
    T* row = pass.buffer(last.output) + r * net.n_outputs;
    for (std::size_t j = 0; j < net.n_outputs; ++j) {
      row[j] += pass.parameters[last.layer.intercept + j];
      if (net.link != kNone) row[j] = activated(static_cast<ActivationFunction>(net.link), row[j]);
    }
    if (net.link == kNone) softmax(row, net.n_outputs);
  });
}

// ---- backward ---------------------------------------------------------------------------------

/// Outputs become the derivative of the loss; returns the sum of the rows' losses.
template <class T, Block B>
SKARMA_PORTABLE double output_delta(B& block, const BlockPass<T>& pass,
                                    const BlockTargets<T>& targets) {
  const BlockNet& net = pass.net;
  T* outputs = pass.buffer(net.steps[net.n_steps - 1].output);
  each(block, pass.rows, [&](std::size_t r) {
    T* row = outputs + r * net.n_outputs;
    const T weight = targets.weights == nullptr ? T(1) : targets.weights[r];
    double loss = 0.0;
    if (net.loss == kSoftmaxLog) {
      loss = -std::log(clipped(row[targets.codes[r]]));
      row[targets.codes[r]] -= 1;
      for (std::size_t j = 0; j < net.n_outputs; ++j) row[j] *= weight;
    } else {
      for (std::size_t j = 0; j < net.n_outputs; ++j) {
        T delta;
        loss += element_loss(net.loss, row[j], targets.values[r * net.n_outputs + j], delta);
        row[j] = delta * weight;
      }
      if (net.averages_outputs) loss /= static_cast<double>(net.n_outputs);
    }
    pass.room.row_losses[r] = loss * static_cast<double>(weight);
  });
  return sum(block, pass.rows, pass.room.partial,
             [&](std::size_t r) { return pass.room.row_losses[r]; });
}

/// The derivative by z takes the place of what it is taken through, if it is not there already.
template <class T, Block B>
SKARMA_PORTABLE void delta_of_z(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  if (step.delta == kNone) return;
  each(block, pass.rows * step.units, [&](std::size_t i) {
    T& z = pass.through(step)[i];
    z = pass.buffer(step.delta)[i] * slope(static_cast<ActivationFunction>(step.activation), z);
  });
}

template <class T, Block B>
SKARMA_PORTABLE void dense_gradient(B& block, const BlockPass<T>& pass, const BlockStep& step,
                                    T* gradient) {
  const std::size_t inputs = step.layer.inputs, units = step.layer.outputs;
  const T* x = pass.input(step);
  const T* delta = pass.through(step);
  each(block, (inputs + 1) * units, [&](std::size_t i) {
    const std::size_t k = i / units, column = i % units;
    T total = 0;
    if (k < inputs) {
      for (std::size_t r = 0; r < pass.rows; ++r)
        total += x[r * inputs + k] * delta[r * units + column];
      gradient[step.layer.coef + i] = total;
    } else {
      for (std::size_t r = 0; r < pass.rows; ++r) total += delta[r * units + column];
      gradient[step.layer.intercept + column] = step.trains_bias ? total : T(0);
    }
  });
}

template <class T, Block B>
SKARMA_PORTABLE void dense_backward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  if (step.place == kNone) return;
  const std::size_t inputs = step.layer.inputs, units = step.layer.outputs;
  const T* w = pass.parameters + step.layer.coef;
  each(block, pass.rows * inputs, [&](std::size_t i) {
    const T* delta = pass.through(step) + i / inputs * units;
    const T* weights = w + i % inputs * units;
    T total = 0;
    for (std::size_t j = 0; j < units; ++j) total += delta[j] * weights[j];
    T& place = pass.buffer(step.place)[i];
    const auto joined = static_cast<ActivationFunction>(step.joined);
    if (joined != kIdentity) total *= slope(joined, place);
    place = total;
    if (step.onto != kNone) pass.buffer(step.onto)[i] += total;
  });
}

/// Ioffe and Szegedy's, by the normalised x, the variance and the mean at once. The derivative by x
/// takes the place of x.
template <class T, Block B>
SKARMA_PORTABLE void batch_norm_backward(B& block, const BlockPass<T>& pass, const BlockStep& step,
                                         T* gradient) {
  each(block, step.units, [&](std::size_t column) {
    T* x = pass.buffer(step.input);
    const T* delta = pass.through(step);
    const T* kept = pass.room.unit_numbers + step.unit_numbers + 2 * column;
    T by_gamma = 0, by_beta = 0;
    for (std::size_t r = 0; r < pass.rows; ++r) {
      const std::size_t i = r * step.units + column;
      by_gamma += delta[i] * ((x[i] - kept[0]) * kept[1]);
      by_beta += delta[i];
    }
    gradient[step.slots[0] + column] = by_gamma;
    gradient[step.slots[1] + column] = by_beta;
    const T n = static_cast<T>(pass.rows);
    const T factor = pass.parameters[step.slots[0] + column] * kept[1];
    for (std::size_t r = 0; r < pass.rows; ++r) {
      const std::size_t i = r * step.units + column;
      const T normalised = (x[i] - kept[0]) * kept[1];
      x[i] = factor * (delta[i] - (by_beta + normalised * by_gamma) / n);
    }
  });
}

/// After output_delta(): the gradient (packed, of the trained parameters) of the sum of the losses.
template <class T, Block B>
SKARMA_PORTABLE void backward(B& block, const BlockPass<T>& pass, T* gradient) {
  for (std::size_t s = pass.net.n_steps; s-- > 0;) {
    const BlockStep& step = pass.net.steps[s];
    switch (step.operation) {
      case Operation::dense:
        delta_of_z(block, pass, step);
        dense_gradient(block, pass, step, gradient);
        dense_backward(block, pass, step);
        break;
      case Operation::batch_norm:
        delta_of_z(block, pass, step);
        batch_norm_backward(block, pass, step, gradient);
        break;
      case Operation::dropout:
        each(block, pass.rows * step.units, [&](std::size_t i) {
          pass.buffer(step.output)[i] = pass.buffer(step.delta)[i] * dropout_factor(pass, step, i);
        });
        break;
      case Operation::add:  // its readers look where its delta is
      case Operation::input:
      case Operation::activation:
      case Operation::count:
        break;
    }
  }
}

}  // namespace skarma::gpu
