#pragma once

#include <cmath>
#include <cstdint>

#include <skarma/core/engine/device_abi.h>
#include <skarma/gpu/block/block.hpp>
#include <skarma/gpu/block/block_net.hpp>

// Update rules.

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

  SKARMA_PORTABLE bool has_two_moments() const { return rule == Rule::adam || rule == Rule::adamw; }
};

/// What is to be trained: parameters and moments as OptimiserState has them, and how many steps
/// were taken.
template <class T>
struct BlockState {
  T* parameters;
  T* moments;
  T* gradient;
  std::int64_t n_steps;
};

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
SKARMA_PORTABLE void update(B& block, const BlockNet& net, const BlockState<T>& state,
                            const BlockRule& rule) {
  for (Count k = 0; k < net.n_runs; ++k) {
    const BlockRun& run = net.runs[k];
    const auto step = step_of<T>(rule, run, state.n_steps);
    each(block, run.end - run.begin, [&](Count j) {
      const Count i = run.begin + j;
      T& first = state.moments[i];
      step(state.parameters[i], state.gradient[i], first,
           rule.has_two_moments() ? state.moments[net.n_trained + i] : first);
    });
  }
}

}  // namespace skarma::gpu
