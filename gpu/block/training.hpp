#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <skarma/core/engine/device_abi.h>
#include <skarma/gpu/block/passes.hpp>

// Minibatch after minibatch by one block.

namespace skarma::gpu {

/// By the numbers of device_abi.h.
enum class Rule {
  sgd = SKARMA_SGD,
  adam = SKARMA_ADAM,
  rmsprop = SKARMA_RMSPROP,
  adamw = SKARMA_ADAMW
};

/// An update rule with its settings, as UpdateRule has them, and the learning rate.
struct BlockRule {
  Rule rule;
  double rate;
  double momentum;
  bool nesterovs_momentum;
  double beta_1, beta_2, epsilon, weight_decay;
};

/// What is to be trained: parameters and moments as OptimiserState has them, and how many steps
/// were taken.
template <class T>
struct BlockModelState {
  T* parameters;
  T* moments;
  T* gradient;
  std::int64_t n_steps;
};

/// Batches of `batch_size` rows (the last may be shorter), one after another, and their targets.
template <class T>
struct BlockBatches {
  const T* x;  // (rows, n_inputs)
  BlockTargets<T> targets;
  std::size_t rows;
  std::size_t batch_size;
};

/// The sum of the weights of some rows, by each thread.
template <class T>
SKARMA_PORTABLE double weight_of(const T* weights, std::size_t rows) {
  if (weights == nullptr) return static_cast<double>(rows);
  double total = 0.0;
  for (std::size_t r = 0; r < rows; ++r) total += static_cast<double>(weights[r]);
  return total;
}

/// `gradient`, that of a sum, becomes that of the penalised mean.
template <class T, Block B>
SKARMA_PORTABLE void penalise(B& block, const BlockNet& net, const T* parameters, T* gradient,
                              double alpha, double weight) {
  for (std::size_t k = 0; k < net.n_runs; ++k) {
    const BlockRun& run = net.runs[k];
    const T share = run.is_penalised ? static_cast<T>(alpha) : T(0);
    each(block, run.end - run.begin, [&](std::size_t j) {
      const std::size_t i = run.begin + j;
      gradient[i] = (gradient[i] + share * parameters[i]) / static_cast<T>(weight);
    });
  }
}

/// Of the penalised parameters.
template <class T, Block B>
SKARMA_PORTABLE double sum_of_squares(B& block, const BlockNet& net, const T* parameters,
                                      double* partial) {
  double total = 0.0;
  for (std::size_t k = 0; k < net.n_runs; ++k) {
    const BlockRun& run = net.runs[k];
    if (!run.is_penalised) continue;
    total += sum(block, run.end - run.begin, partial, [&](std::size_t j) {
      const double w = static_cast<double>(parameters[run.begin + j]);
      return w * w;
    });
  }
  return total;
}

/// One step of a rule for parameter w with gradient g and moments m and v, as core/reference has
/// it.
template <class T>
struct ParameterStep {
  BlockRule rule;
  T rate;           // of this run of parameters
  T decay;          // what weight decay takes
  T correction;     // adam's, of both moments
  T first, second;  // adamw's, of each

  SKARMA_PORTABLE void operator()(T& w, T g, T& m, T& v) const {
    const T beta_2 = static_cast<T>(rule.beta_2);
    const T epsilon = static_cast<T>(rule.epsilon);
    switch (rule.rule) {
      case Rule::sgd: {
        const T momentum = static_cast<T>(rule.momentum), step = rate * g;
        m = momentum * m - step;
        w += rule.nesterovs_momentum ? momentum * m - step : m;
        break;
      }
      case Rule::adam:
        take_moments(g, m, v);
        w -= correction * rate * m / (std::sqrt(v) + epsilon);
        break;
      case Rule::rmsprop:  // its one moment is that of the squares
        m = beta_2 * m + (1 - beta_2) * g * g;
        w -= rate * g / (std::sqrt(m) + epsilon);
        break;
      case Rule::adamw:
        w -= decay * w;
        take_moments(g, m, v);
        w -= rate * (m / first) / (std::sqrt(v / second) + epsilon);
        break;
    }
  }

 private:
  SKARMA_PORTABLE void take_moments(T g, T& m, T& v) const {
    m = static_cast<T>(rule.beta_1) * m + static_cast<T>(1 - rule.beta_1) * g;
    v = static_cast<T>(rule.beta_2) * v + static_cast<T>(1 - rule.beta_2) * g * g;
  }
};

/// `n_steps` counts this one.
template <class T>
SKARMA_PORTABLE ParameterStep<T> step_of(const BlockRule& rule, const BlockRun& run,
                                         std::int64_t n_steps) {
  const double rate = rule.rate * run.rate_factor;
  const double t = static_cast<double>(n_steps);
  const double first = 1 - std::pow(rule.beta_1, t), second = 1 - std::pow(rule.beta_2, t);
  return {
      .rule = rule,
      .rate = static_cast<T>(rate),
      .decay = static_cast<T>(run.is_penalised ? rate * rule.weight_decay * run.decay_factor : 0),
      .correction = static_cast<T>(std::sqrt(second) / first),
      .first = static_cast<T>(first),
      .second = static_cast<T>(second)};
}

template <class T, Block B>
SKARMA_PORTABLE void update(B& block, const BlockNet& net, const BlockModelState<T>& state,
                            const BlockRule& rule) {
  const bool has_two = rule.rule == Rule::adam || rule.rule == Rule::adamw;
  for (std::size_t k = 0; k < net.n_runs; ++k) {
    const BlockRun& run = net.runs[k];
    const auto step = step_of<T>(rule, run, state.n_steps);
    each(block, run.end - run.begin, [&](std::size_t j) {
      const std::size_t i = run.begin + j;
      T& first = state.moments[i];
      step(state.parameters[i], state.gradient[i], first,
           has_two ? state.moments[net.n_trained + i] : first);
    });
  }
}

/// The loss of some rows with the penalty, a mean; the gradient of it goes to `gradient`.
template <class T, Block B>
SKARMA_PORTABLE double penalised_loss(B& block, const BlockPass<T>& pass,
                                      const BlockTargets<T>& targets, double alpha, T* gradient) {
  forward(block, pass);
  link(block, pass);
  const double losses = output_delta(block, pass, targets);
  backward(block, pass, gradient);
  const double weight = weight_of(targets.weights, pass.rows);
  penalise(block, pass.net, pass.parameters, gradient, alpha, weight);
  const double squares = sum_of_squares(block, pass.net, pass.parameters, pass.room.partial);
  return (losses + 0.5 * alpha * squares) / weight;
}

/// Trains through all batches. Returns the sum over them of (loss with penalty) * rows, and leaves
/// the number of steps to the caller.
template <class T, Block B>
SKARMA_PORTABLE double train(B& block, const BlockNet& net, const BlockWorkspace<T>& room,
                             BlockModelState<T> state, const BlockRule& rule,
                             const BlockBatches<T>& batches, double alpha, std::uint64_t seed) {
  double loss_sum = 0.0;
  for (std::size_t begin = 0; begin < batches.rows; begin += batches.batch_size) {
    const std::size_t left = batches.rows - begin;
    const std::size_t rows = left < batches.batch_size ? left : batches.batch_size;
    const BlockTargets<T>& all = batches.targets;
    const BlockTargets<T> targets{
        all.codes == nullptr ? nullptr : all.codes + begin,
        all.values == nullptr ? nullptr : all.values + begin * net.n_outputs,
        all.weights == nullptr ? nullptr : all.weights + begin};
    const BlockPass<T> pass{.net = net,
                            .room = room,
                            .parameters = state.parameters,
                            .x = batches.x + begin * net.n_inputs,
                            .rows = rows,
                            .trains = true,
                            .seed = seed,
                            .step_number = static_cast<std::uint64_t>(state.n_steps),
                            .statistics = state.parameters + net.n_trained};
    const double loss = penalised_loss(block, pass, targets, alpha, state.gradient);
    loss_sum += loss * static_cast<double>(rows);
    ++state.n_steps;
    update(block, net, state, rule);
  }
  return loss_sum;
}

}  // namespace skarma::gpu
