#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <skarma/core/engine/device_abi.h>
#include <skarma/gpu/block/block.hpp>
#include <skarma/gpu/block/block_net.hpp>
#include <skarma/gpu/block/restraints.hpp>

// Update rules.

namespace skarma::gpu {

/// By the numbers of device_abi.h.
enum class Rule {
  sgd = SKARMA_SGD,
  adam = SKARMA_ADAM,
  rmsprop = SKARMA_RMSPROP,
  adamw = SKARMA_ADAMW,
  adagrad = SKARMA_ADAGRAD,
  adadelta = SKARMA_ADADELTA,
  amsgrad = SKARMA_AMSGRAD,
  nadam = SKARMA_NADAM,
  lion = SKARMA_LION,
  rprop = SKARMA_RPROP,
  gd = SKARMA_GD
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
struct BlockState {
  T* parameters;
  T* moments;
  T* gradient;
  std::int64_t n_steps;
};

/// Of .96 to the power of .004.
inline constexpr double kLogMomentumDecay = 0.004 * -0.040821994520255166;

/// -1, 0 or 1; NaN of NaN.
template <class T>
SKARMA_PORTABLE T sign_of(T x) {
  return x > 0 ? T(1) : x < 0 ? T(-1) : x;
}

/// One step of a rule for parameter w with gradient g and its moments, `n` elements apart, as
/// core/reference has it.
template <class T>
struct ParameterStep {
  BlockRule rule;
  Count n;
  T rate;                    // of this run of parameters
  T decay;                   // what weight decay takes
  T correction;              // adam's, of both moments
  T first, second;           // adamw's, of each
  T by_gradient, by_moment;  // nadam's: shares of the rate

  SKARMA_PORTABLE void operator()(T& w, T g, T* moments) const {
    if (rule.rule == Rule::gd) {  // which has none
      w -= rate * g;
      return;
    }
    T& m = moments[0];
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
        take_moments(g, moments);
        w -= correction * rate * m / (std::sqrt(moments[n]) + epsilon);
        break;
      case Rule::rmsprop:  // its one moment is that of the squares
        m = beta_2 * m + (1 - beta_2) * g * g;
        w -= rate * g / (std::sqrt(m) + epsilon);
        break;
      case Rule::adamw:
        w -= decay * w;
        take_moments(g, moments);
        w -= rate * (m / first) / (std::sqrt(moments[n] / second) + epsilon);
        break;
      case Rule::adagrad:
        m += g * g;
        w -= rate * g / (std::sqrt(m) + epsilon);
        break;
      case Rule::adadelta: {
        T& moved = moments[n];
        m = beta_2 * m + (1 - beta_2) * g * g;
        const T step = std::sqrt(moved + epsilon) / std::sqrt(m + epsilon) * g;
        moved = beta_2 * moved + (1 - beta_2) * step * step;
        w -= rate * step;
        break;
      }
      case Rule::amsgrad: {
        take_moments(g, moments);
        T& largest = moments[2 * std::size_t{n}];
        if (moments[n] > largest) largest = moments[n];
        w -= rate * (m / first) / (std::sqrt(largest / second) + epsilon);
        break;
      }
      case Rule::nadam: {
        take_moments(g, moments);
        const T root = std::sqrt(moments[n] / second) + epsilon;
        w -= rate * (by_gradient * g + by_moment * m) / root;
        break;
      }
      case Rule::lion: {
        const T beta_1 = static_cast<T>(rule.beta_1);
        w -= rate * sign_of(beta_1 * m + (1 - beta_1) * g) + decay * w;
        m = beta_2 * m + (1 - beta_2) * g;
        break;
      }
      case Rule::rprop:
        take_resilient_step(w, g, m, moments[n]);
        break;
      case Rule::gd:
        break;
    }
  }

 private:
  SKARMA_PORTABLE void take_moments(T g, T* moments) const {
    T& m = moments[0];
    T& v = moments[n];
    m = static_cast<T>(rule.beta_1) * m + static_cast<T>(1 - rule.beta_1) * g;
    v = static_cast<T>(rule.beta_2) * v + static_cast<T>(1 - rule.beta_2) * g * g;
  }
  SKARMA_PORTABLE void take_resilient_step(T& w, T g, T& before, T& size) const {
    const T agreement = g * before;
    if (size == 0) size = rate;
    if (agreement > 0) size = size * T(1.2) < T(50) ? size * T(1.2) : T(50);
    const T least = size < T(1e-6) ? size : T(1e-6);
    if (agreement < 0) size = size * T(0.5) > least ? size * T(0.5) : least;
    before = agreement < 0 ? T(0) : g;
    w -= sign_of(before) * size;
  }
};

/// Nadam's momentum in step i.
SKARMA_PORTABLE inline double momentum_of(const BlockRule& rule, double i) {
  return rule.beta_1 * (1 - 0.5 * std::exp(i * kLogMomentumDecay));
}
/// The product of those of steps 1 ... t, as core/optim has it.
SKARMA_PORTABLE inline double product_of_momenta(const BlockRule& rule, double t) {
  double logarithm = t * std::log(rule.beta_1), half = 1;
  for (double k = 1; half > 1e-17; ++k) {
    half /= 2;
    const double log_q = k * kLogMomentumDecay;
    logarithm -= half / k * std::exp(log_q) * std::expm1(t * log_q) / std::expm1(log_q);
  }
  return std::exp(logarithm);
}

/// `n_steps` counts this one.
template <class T>
SKARMA_PORTABLE ParameterStep<T> step_of(const BlockRule& rule, const BlockNet& net,
                                         const BlockRun& run, std::int64_t n_steps) {
  const double rate = rule.rate * run.rate_factor;
  const double t = static_cast<double>(n_steps);
  const double first = 1 - std::pow(rule.beta_1, t), second = 1 - std::pow(rule.beta_2, t);
  double by_gradient = 0, by_moment = 0;
  if (rule.rule == Rule::nadam) {
    const double product = product_of_momenta(rule, t), next = momentum_of(rule, t + 1);
    by_gradient = (1 - momentum_of(rule, t)) / (1 - product);
    by_moment = next / (1 - product * next);
  }
  return {
      .rule = rule,
      .n = net.n_trained,
      .rate = static_cast<T>(rate),
      .decay = static_cast<T>(run.is_penalised ? rate * rule.weight_decay * run.decay_factor : 0),
      .correction = static_cast<T>(std::sqrt(second) / first),
      .first = static_cast<T>(first),
      .second = static_cast<T>(second),
      .by_gradient = static_cast<T>(by_gradient),
      .by_moment = static_cast<T>(by_moment)};
}

/// `share` is what clip() has returned.
template <class T, Block B>
SKARMA_PORTABLE void update(B& block, const BlockNet& net, const BlockState<T>& state,
                            const BlockRule& rule, const BlockRestraints& restraints,
                            double share) {
  for (Count k = 0; k < net.n_runs; ++k) {
    const BlockRun& run = net.runs[k];
    const auto step = step_of<T>(rule, net, run, state.n_steps);
    const bool keeps_orthants = restraints.l1 > 0 && run.is_penalised;
    each(block, run.end - run.begin, [&](Count j) {
      const Count i = run.begin + j;
      const T g = share < 1 ? state.gradient[i] * static_cast<T>(share) : state.gradient[i];
      const T before = state.parameters[i];
      step(state.parameters[i], g, state.moments + i);
      if (keeps_orthants) state.parameters[i] = in_orthant(before, state.parameters[i], g);
    });
  }
}

}  // namespace skarma::gpu
