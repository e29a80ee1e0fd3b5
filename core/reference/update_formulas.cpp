// The update rules as their papers write them. Nothing here is fast, or fused.
#include <skarma/core/reference/update_formulas.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <armadillo>

namespace skarma::reference {
namespace {

/// For each trained parameter its learning rate, and the share that weight decay takes of it.
template <class T>
struct Rates {
  arma::Col<T> rate, decay;

  Rates(const NetworkSpec& spec, double learning_rate, double weight_decay)
      : rate(spec.n_trained()), decay(spec.n_trained()) {
    for (const Node& node : spec.nodes()) {
      for (const Slot& slot : node.slots) {
        if (slot.offset >= spec.n_trained()) continue;
        const arma::span own(slot.offset, slot.offset + slot.size - 1);
        const double of_slot = learning_rate * slot.rate_factor;
        rate(own).fill(static_cast<T>(of_slot));
        const double decays = slot.penalised ? of_slot * weight_decay * slot.decay_factor : 0.0;
        decay(own).fill(static_cast<T>(decays));
      }
    }
  }
};

/// Momentum, and Nesterov's (Sutskever et al., ICML 2013).
template <class T>
void sgd_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g,
              const Rates<T>& rates) {
  arma::Col<T> velocity(state.moments.data(), w.n_elem, false, true);
  const T momentum = static_cast<T>(state.rule.momentum);
  const arma::Col<T> step = rates.rate % g;
  velocity = momentum * velocity - step;
  w += state.rule.nesterovs_momentum ? arma::Col<T>(momentum * velocity - step) : velocity;
}

/// Adam (Kingma and Ba, ICLR 2015).
template <class T>
void adam_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g,
               const Rates<T>& rates) {
  arma::Col<T> m(state.moments.data(), w.n_elem, false, true);
  arma::Col<T> v(state.moments.data() + w.n_elem, w.n_elem, false, true);
  const double beta_1 = state.rule.beta_1, beta_2 = state.rule.beta_2;
  const auto t = static_cast<double>(state.n_steps);
  m = static_cast<T>(beta_1) * m + static_cast<T>(1 - beta_1) * g;
  v = static_cast<T>(beta_2) * v + static_cast<T>(1 - beta_2) * arma::square(g);
  const double correction = std::sqrt(1 - std::pow(beta_2, t)) / (1 - std::pow(beta_1, t));
  w -= static_cast<T>(correction) * rates.rate % m /
       (arma::sqrt(v) + static_cast<T>(state.rule.epsilon));
}

/// RMSprop (Tieleman and Hinton, 2012).
template <class T>
void rmsprop_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g,
                  const Rates<T>& rates) {
  arma::Col<T> v(state.moments.data(), w.n_elem, false, true);
  const double beta_2 = state.rule.beta_2;
  v = static_cast<T>(beta_2) * v + static_cast<T>(1 - beta_2) * arma::square(g);
  w -= rates.rate % g / (arma::sqrt(v) + static_cast<T>(state.rule.epsilon));
}

/// AdamW (Loshchilov and Hutter, ICLR 2019), whose weight decay is for penalised slots alone.
template <class T>
void adamw_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g,
                const Rates<T>& rates) {
  arma::Col<T> m(state.moments.data(), w.n_elem, false, true);
  arma::Col<T> v(state.moments.data() + w.n_elem, w.n_elem, false, true);
  const double beta_1 = state.rule.beta_1, beta_2 = state.rule.beta_2;
  const auto t = static_cast<double>(state.n_steps);
  w -= rates.decay % w;
  m = static_cast<T>(beta_1) * m + static_cast<T>(1 - beta_1) * g;
  v = static_cast<T>(beta_2) * v + static_cast<T>(1 - beta_2) * arma::square(g);
  const arma::Col<T> m_hat = m / static_cast<T>(1 - std::pow(beta_1, t));
  const arma::Col<T> v_hat = v / static_cast<T>(1 - std::pow(beta_2, t));
  w -= rates.rate % m_hat / (arma::sqrt(v_hat) + static_cast<T>(state.rule.epsilon));
}

/// AdaGrad (Duchi, Hazan and Singer, 2011).
template <class T>
void adagrad_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g,
                  const Rates<T>& rates) {
  arma::Col<T> v(state.moments.data(), w.n_elem, false, true);
  v += arma::square(g);
  w -= rates.rate % g / (arma::sqrt(v) + static_cast<T>(state.rule.epsilon));
}

/// Adadelta (Zeiler, 2012).
template <class T>
void adadelta_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g,
                   const Rates<T>& rates) {
  arma::Col<T> v(state.moments.data(), w.n_elem, false, true);
  arma::Col<T> moved(state.moments.data() + w.n_elem, w.n_elem, false, true);
  const T rho = static_cast<T>(state.rule.beta_2), rest = static_cast<T>(1 - state.rule.beta_2);
  const T epsilon = static_cast<T>(state.rule.epsilon);
  v = rho * v + rest * arma::square(g);
  const arma::Col<T> step = arma::sqrt(moved + epsilon) / arma::sqrt(v + epsilon) % g;
  moved = rho * moved + rest * arma::square(step);
  w -= rates.rate % step;
}

/// AMSGrad (Reddi, Kale and Kumar, ICLR 2018).
template <class T>
void amsgrad_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g,
                  const Rates<T>& rates) {
  arma::Col<T> m(state.moments.data(), w.n_elem, false, true);
  arma::Col<T> v(state.moments.data() + w.n_elem, w.n_elem, false, true);
  arma::Col<T> largest(state.moments.data() + 2 * w.n_elem, w.n_elem, false, true);
  const double beta_1 = state.rule.beta_1, beta_2 = state.rule.beta_2;
  const auto t = static_cast<double>(state.n_steps);
  m = static_cast<T>(beta_1) * m + static_cast<T>(1 - beta_1) * g;
  v = static_cast<T>(beta_2) * v + static_cast<T>(1 - beta_2) * arma::square(g);
  largest = arma::max(largest, v);
  const arma::Col<T> m_hat = m / static_cast<T>(1 - std::pow(beta_1, t));
  const arma::Col<T> v_hat = largest / static_cast<T>(1 - std::pow(beta_2, t));
  w -= rates.rate % m_hat / (arma::sqrt(v_hat) + static_cast<T>(state.rule.epsilon));
}

/// Nadam (Dozat, 2016), as torch.optim.NAdam.
template <class T>
void nadam_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g,
                const Rates<T>& rates) {
  arma::Col<T> m(state.moments.data(), w.n_elem, false, true);
  arma::Col<T> v(state.moments.data() + w.n_elem, w.n_elem, false, true);
  const double beta_1 = state.rule.beta_1, beta_2 = state.rule.beta_2;
  const auto momentum = [&](std::int64_t i) {
    return beta_1 * (1 - 0.5 * std::pow(0.96, 0.004 * static_cast<double>(i)));
  };
  double product = 1.0;
  for (std::int64_t i = 1; i <= state.n_steps; ++i) product *= momentum(i);
  const double now = momentum(state.n_steps), next = momentum(state.n_steps + 1);
  m = static_cast<T>(beta_1) * m + static_cast<T>(1 - beta_1) * g;
  v = static_cast<T>(beta_2) * v + static_cast<T>(1 - beta_2) * arma::square(g);
  const double correction = 1 - std::pow(beta_2, static_cast<double>(state.n_steps));
  const arma::Col<T> root =
      arma::sqrt(v / static_cast<T>(correction)) + static_cast<T>(state.rule.epsilon);
  w -= rates.rate % g / root * static_cast<T>((1 - now) / (1 - product));
  w -= rates.rate % m / root * static_cast<T>(next / (1 - product * next));
}

/// Lion (Chen et al., 2023).
template <class T>
void lion_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g,
               const Rates<T>& rates) {
  arma::Col<T> m(state.moments.data(), w.n_elem, false, true);
  const double beta_1 = state.rule.beta_1, beta_2 = state.rule.beta_2;
  const arma::Col<T> c = static_cast<T>(beta_1) * m + static_cast<T>(1 - beta_1) * g;
  w -= rates.rate % arma::sign(c) + rates.decay % w;
  m = static_cast<T>(beta_2) * m + static_cast<T>(1 - beta_2) * g;
}

/// Rprop (Riedmiller and Braun, 1993), without going back.
template <class T>
void rprop_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g,
                const Rates<T>& rates) {
  arma::Col<T> before(state.moments.data(), w.n_elem, false, true);
  arma::Col<T> size(state.moments.data() + w.n_elem, w.n_elem, false, true);
  if (state.n_steps == 1) size = rates.rate;
  const arma::Col<T> agreement = arma::sign(before % g);
  for (arma::uword i = 0; i < w.n_elem; ++i) {
    if (agreement[i] > 0) size[i] = std::min(size[i] * T(1.2), T(50));
    if (agreement[i] < 0) size[i] = std::max(size[i] * T(0.5), std::min(size[i], T(1e-6)));
  }
  before = g % arma::conv_to<arma::Col<T>>::from(agreement >= 0);
  w -= arma::sign(before) % size;
}

template <class T>
void descent_step(OptimiserState<T>&, arma::Col<T>& w, const arma::Col<T>& g,
                  const Rates<T>& rates) {
  w -= rates.rate % g;
}

template <class T>
using Step = void (*)(OptimiserState<T>&, arma::Col<T>&, const arma::Col<T>&, const Rates<T>&);

template <class T>
Step<T> step_called(std::string_view name) {
  const std::pair<std::string_view, Step<T>> steps[] = {
      {"sgd", sgd_step<T>},         {"adam", adam_step<T>},       {"rmsprop", rmsprop_step<T>},
      {"adamw", adamw_step<T>},     {"adagrad", adagrad_step<T>}, {"adadelta", adadelta_step<T>},
      {"amsgrad", amsgrad_step<T>}, {"nadam", nadam_step<T>},     {"lion", lion_step<T>},
      {"rprop", rprop_step<T>},     {"gd", descent_step<T>}};
  for (const auto& [known, step] : steps) {
    if (known == name) return step;
  }
  throw std::logic_error("an update rule without a formula");
}

}  // namespace

template <class T>
void take_step(OptimiserState<T>& state, const NetworkSpec& spec, std::span<T> parameters,
               std::span<const T> gradient, double rate) {
  arma::Col<T> w(parameters.data(), parameters.size(), false, true);
  const arma::Col<T> g(gradient.data(), gradient.size());
  const Rates<T> rates(spec, rate, state.rule.weight_decay);
  ++state.n_steps;
  const arma::Col<T> before = w;
  step_called<T>(state.rule.name)(state, w, g, rates);
  for (const auto& [begin, end] : spec.frozen()) {
    if (end <= w.n_elem) w.subvec(begin, end - 1) = before.subvec(begin, end - 1);
  }
}

template void take_step<float>(OptimiserState<float>&, const NetworkSpec&, std::span<float>,
                               std::span<const float>, double);
template void take_step<double>(OptimiserState<double>&, const NetworkSpec&, std::span<double>,
                                std::span<const double>, double);

}  // namespace skarma::reference
