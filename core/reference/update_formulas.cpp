// The update rules as their papers write them. Nothing here is fast, or fused.
#include <skarma/core/reference/update_formulas.hpp>

#include <cmath>
#include <stdexcept>

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

}  // namespace

template <class T>
void take_step(OptimiserState<T>& state, const NetworkSpec& spec, std::span<T> parameters,
               std::span<const T> gradient, double rate) {
  arma::Col<T> w(parameters.data(), parameters.size(), false, true);
  const arma::Col<T> g(gradient.data(), gradient.size());
  const Rates<T> rates(spec, rate, state.rule.weight_decay);
  ++state.n_steps;
  if (state.rule.name == "sgd") return sgd_step(state, w, g, rates);
  if (state.rule.name == "adam") return adam_step(state, w, g, rates);
  if (state.rule.name == "rmsprop") return rmsprop_step(state, w, g, rates);
  if (state.rule.name == "adamw") return adamw_step(state, w, g, rates);
  throw std::logic_error("an update rule without a formula");
}

template void take_step<float>(OptimiserState<float>&, const NetworkSpec&, std::span<float>,
                               std::span<const float>, double);
template void take_step<double>(OptimiserState<double>&, const NetworkSpec&, std::span<double>,
                                std::span<const double>, double);

}  // namespace skarma::reference
