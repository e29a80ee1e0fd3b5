// The update rules as their papers write them. Nothing here is fast, or fused.
#include <skarma/core/reference/update_formulas.hpp>

#include <cmath>
#include <stdexcept>

#include <armadillo>

namespace skarma::reference {
namespace {

/// Momentum, and Nesterov's (Sutskever et al., ICML 2013).
template <class T>
void sgd_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g, double rate) {
  arma::Col<T> velocity(state.moments.data(), w.n_elem, false, true);
  const T momentum = static_cast<T>(state.rule.momentum), step = static_cast<T>(rate);
  velocity = momentum * velocity - step * g;
  w += state.rule.nesterovs_momentum ? arma::Col<T>(momentum * velocity - step * g) : velocity;
}

/// Adam (Kingma and Ba, ICLR 2015).
template <class T>
void adam_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g, double rate) {
  arma::Col<T> m(state.moments.data(), w.n_elem, false, true);
  arma::Col<T> v(state.moments.data() + w.n_elem, w.n_elem, false, true);
  const double beta_1 = state.rule.beta_1, beta_2 = state.rule.beta_2;
  const auto t = static_cast<double>(state.n_steps);
  m = static_cast<T>(beta_1) * m + static_cast<T>(1 - beta_1) * g;
  v = static_cast<T>(beta_2) * v + static_cast<T>(1 - beta_2) * arma::square(g);
  const double step = rate * std::sqrt(1 - std::pow(beta_2, t)) / (1 - std::pow(beta_1, t));
  w -= static_cast<T>(step) * m / (arma::sqrt(v) + static_cast<T>(state.rule.epsilon));
}

/// RMSprop (Tieleman and Hinton, 2012).
template <class T>
void rmsprop_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g, double rate) {
  arma::Col<T> v(state.moments.data(), w.n_elem, false, true);
  const double beta_2 = state.rule.beta_2;
  v = static_cast<T>(beta_2) * v + static_cast<T>(1 - beta_2) * arma::square(g);
  w -= static_cast<T>(rate) * g / (arma::sqrt(v) + static_cast<T>(state.rule.epsilon));
}

/// AdamW (Loshchilov and Hutter, ICLR 2019), whose weight decay is for the first `n_coefs` alone.
template <class T>
void adamw_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g, double rate,
                std::size_t n_coefs) {
  arma::Col<T> m(state.moments.data(), w.n_elem, false, true);
  arma::Col<T> v(state.moments.data() + w.n_elem, w.n_elem, false, true);
  const double beta_1 = state.rule.beta_1, beta_2 = state.rule.beta_2;
  const auto t = static_cast<double>(state.n_steps);
  w.head(n_coefs) -= static_cast<T>(rate * state.rule.weight_decay) * w.head(n_coefs).eval();
  m = static_cast<T>(beta_1) * m + static_cast<T>(1 - beta_1) * g;
  v = static_cast<T>(beta_2) * v + static_cast<T>(1 - beta_2) * arma::square(g);
  const arma::Col<T> m_hat = m / static_cast<T>(1 - std::pow(beta_1, t));
  const arma::Col<T> v_hat = v / static_cast<T>(1 - std::pow(beta_2, t));
  w -= static_cast<T>(rate) * m_hat / (arma::sqrt(v_hat) + static_cast<T>(state.rule.epsilon));
}

}  // namespace

template <class T>
void take_step(OptimiserState<T>& state, std::span<T> parameters, std::span<const T> gradient,
               double rate, std::size_t n_coefs) {
  arma::Col<T> w(parameters.data(), parameters.size(), false, true);
  const arma::Col<T> g(gradient.data(), gradient.size());
  ++state.n_steps;
  if (state.rule.name == "sgd") return sgd_step(state, w, g, rate);
  if (state.rule.name == "adam") return adam_step(state, w, g, rate);
  if (state.rule.name == "rmsprop") return rmsprop_step(state, w, g, rate);
  if (state.rule.name == "adamw") return adamw_step(state, w, g, rate, n_coefs);
  throw std::logic_error("an update rule without a formula");
}

template void take_step<float>(OptimiserState<float>&, std::span<float>, std::span<const float>,
                               double, std::size_t);
template void take_step<double>(OptimiserState<double>&, std::span<double>, std::span<const double>,
                                double, std::size_t);

}  // namespace skarma::reference
