#include <skarma/core/optim/update_rule.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string_view>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/core/optim/pieces.hpp>

namespace skarma {
namespace {

using kernels::UpdateBatch;

/// Momentum and Nesterov momentum (Sutskever et al., ICML 2013), in scikit-learn's form.
template <class T>
double sgd(const OptimiserState<T>& state, const UpdateBatch<T>& batch, double rate) {
  return kernels::table<T>().sgd_step(batch,
                                      {state.rule.momentum, rate, state.rule.nesterovs_momentum});
}

/// Adam (Kingma and Ba, ICLR 2015), the bias correction inside the step size as scikit-learn has
/// it.
template <class T>
double adam(const OptimiserState<T>& state, const UpdateBatch<T>& batch, double rate) {
  const UpdateRule& rule = state.rule;
  const double t = static_cast<double>(state.n_steps);
  const double corrected =
      rate * std::sqrt(1.0 - std::pow(rule.beta_2, t)) / (1.0 - std::pow(rule.beta_1, t));
  return kernels::table<T>().adam_step(batch, {rule.beta_1, rule.beta_2, rule.epsilon, corrected});
}

/// RMSprop (Tieleman and Hinton, lecture 6.5 of "Neural Networks for Machine Learning", 2012),
/// neither centred nor with momentum; epsilon is added to the root, as in torch.optim.RMSprop.
template <class T>
double rmsprop(const OptimiserState<T>& state, const UpdateBatch<T>& batch, double rate) {
  return kernels::table<T>().rmsprop_step(batch, {state.rule.beta_2, state.rule.epsilon, rate});
}

/// Of a rule whose epsilon is added to the corrected root: m / (sqrt(v) / c + epsilon) =
/// c m / (sqrt(v) + c epsilon).
kernels::AdamCoefficients corrected(const UpdateRule& rule, std::int64_t n_steps, double rate) {
  const double t = static_cast<double>(n_steps);
  const double c = std::sqrt(1.0 - std::pow(rule.beta_2, t));
  return {rule.beta_1, rule.beta_2, c * rule.epsilon, rate * c / (1.0 - std::pow(rule.beta_1, t))};
}

/// AdamW (Loshchilov and Hutter, ICLR 2019). Its epsilon is added to the corrected root, as in the
/// paper and in torch.optim.AdamW.
template <class T>
double adamw(const OptimiserState<T>& state, const UpdateBatch<T>& batch, double rate) {
  return kernels::table<T>().adamw_step(batch, corrected(state.rule, state.n_steps, rate));
}

/// AdaGrad (Duchi, Hazan and Singer, JMLR 12, 2011): squares add up. Epsilon is added to the root,
/// as in torch.optim.Adagrad.
template <class T>
double adagrad(const OptimiserState<T>& state, const UpdateBatch<T>& batch, double rate) {
  return kernels::table<T>().adagrad_step(batch, {0.0, state.rule.epsilon, rate});
}

/// Adadelta (Zeiler, arXiv:1212.5701), with epsilon below both roots and a learning rate, as in
/// torch.optim.Adadelta: the paper's is 1. Its moments: of the squared gradients, of the steps.
template <class T>
double adadelta(const OptimiserState<T>& state, const UpdateBatch<T>& batch, double rate) {
  return kernels::table<T>().adadelta_step(batch, {state.rule.beta_2, state.rule.epsilon, rate});
}

/// AMSGrad (Reddi, Kale and Kumar, ICLR 2018), by the largest second moment so far. Epsilon is
/// added to the corrected root, as adamw's and as in torch.optim.Adam(amsgrad=True).
template <class T>
double amsgrad(const OptimiserState<T>& state, const UpdateBatch<T>& batch, double rate) {
  return kernels::table<T>().amsgrad_step(batch, corrected(state.rule, state.n_steps, rate));
}

/// The product of mu_1 ... mu_t, where mu_i = beta_1 (1 - q^i / 2): by the series of each factor's
/// logarithm, whose terms of all factors sum up to a geometric one.
double product_of_momenta(double beta_1, double log_q, double t) {
  double logarithm = t * std::log(beta_1), half = 1.0;
  for (double k = 1.0; half > 1e-17; ++k) {
    half /= 2.0;
    logarithm -= half / k * std::exp(k * log_q) * std::expm1(k * t * log_q) / std::expm1(k * log_q);
  }
  return std::exp(logarithm);
}

/// Nadam (Dozat, ICLR workshop 2016): Adam with Nesterov's momentum, whose decay grows from half of
/// beta_1 up to it, by .96 to the power of .004 a step, and epsilon added to the corrected root, as
/// in torch.optim.NAdam.
template <class T>
double nadam(const OptimiserState<T>& state, const UpdateBatch<T>& batch, double rate) {
  const UpdateRule& rule = state.rule;
  const double t = static_cast<double>(state.n_steps), log_q = 0.004 * std::log(0.96);
  const auto momentum = [&](double i) { return rule.beta_1 * (1.0 - 0.5 * std::exp(i * log_q)); };
  const double product = product_of_momenta(rule.beta_1, log_q, t);
  const double next = momentum(t + 1.0);
  const double c = std::sqrt(1.0 - std::pow(rule.beta_2, t));
  return kernels::table<T>().nadam_step(batch, {rule.beta_1, rule.beta_2, c * rule.epsilon,
                                                rate * c * (1.0 - momentum(t)) / (1.0 - product),
                                                rate * c * next / (1.0 - product * next)});
}

/// Lion (Chen et al., NeurIPS 2023): the sign of a mean, with weight decay as AdamW's.
template <class T>
double lion(const OptimiserState<T>& state, const UpdateBatch<T>& batch, double rate) {
  return kernels::table<T>().lion_step(batch, {state.rule.beta_1, state.rule.beta_2, 0.0, rate});
}

/// Rprop (Riedmiller and Braun, ICNN 1993; its form without going back, iRprop-, Igel and Huesken,
/// 2000), as torch.optim.Rprop: steps grow by 1.2 up to 50 while the sign of the gradient stays,
/// and shrink by .5 down to 1e-6, or the learning rate, where it turns. Its moments: the gradient
/// before, the steps' sizes, 0 where none was taken.
template <class T>
double rprop(const OptimiserState<T>&, const UpdateBatch<T>& batch, double rate) {
  return kernels::table<T>().rprop_step(batch, rate);
}

/// Gradient descent, which remembers nothing.
template <class T>
double descent(const OptimiserState<T>&, const UpdateBatch<T>& batch, double rate) {
  return kernels::table<T>().descent_step(batch, rate);
}

template <class T>
struct RuleRow {
  std::string_view name;
  std::size_t n_moments;
  double (*step)(const OptimiserState<T>&, const UpdateBatch<T>&, double rate);
  bool takes_all_samples = false;
};

template <class T>
constexpr std::array kRules = {
    RuleRow<T>{"sgd", 1, sgd<T>},          RuleRow<T>{"adam", 2, adam<T>},
    RuleRow<T>{"rmsprop", 1, rmsprop<T>},  RuleRow<T>{"adamw", 2, adamw<T>},
    RuleRow<T>{"adagrad", 1, adagrad<T>},  RuleRow<T>{"adadelta", 2, adadelta<T>},
    RuleRow<T>{"amsgrad", 3, amsgrad<T>},  RuleRow<T>{"nadam", 2, nadam<T>},
    RuleRow<T>{"lion", 1, lion<T>},        RuleRow<T>{"rprop", 2, rprop<T>},
    RuleRow<T>{"gd", 0, descent<T>, true},
};

constexpr auto kRuleNames = [] {
  std::array<std::string_view, kRules<double>.size()> names;
  std::ranges::transform(kRules<double>, names.begin(), &RuleRow<double>::name);
  return names;
}();

template <class T>
const RuleRow<T>& row_of(std::string_view name) {
  for (const auto& row : kRules<T>) {
    if (row.name == name) return row;
  }
  throw std::invalid_argument("There is no update rule '" + std::string(name) + "'.");
}

}  // namespace

std::span<const std::string_view> update_rule_names() { return kRuleNames; }

bool takes_all_samples(std::string_view rule) {
  const auto row = std::ranges::find(kRules<double>, rule, &RuleRow<double>::name);
  return row != kRules<double>.end() && row->takes_all_samples;
}

template <class T>
OptimiserState<T> start_optimiser(const UpdateRule& rule, std::size_t n_parameters) {
  return {rule, std::vector<T>(row_of<T>(rule.name).n_moments * n_parameters), 0};
}

template <class T>
double take_step(OptimiserState<T>& state, const NetworkSpec& spec, std::span<T> parameters,
                 std::span<T> gradient, double alpha, double batch_weight, double rate,
                 ThreadTeam& team) {
  const auto& row = row_of<T>(state.rule.name);
  const std::size_t n = parameters.size();
  SKARMA_CHECK(state.moments.size() == row.n_moments * n);
  ++state.n_steps;
  const auto step = [&](std::size_t begin, std::size_t end, const ParameterRun& run) {
    const double own_rate = rate * run.rate_factor;
    const double decay = own_rate * state.rule.weight_decay * run.decay_factor;
    const auto moment = [&](std::size_t number) {
      return number < row.n_moments ? state.moments.data() + number * n + begin : nullptr;
    };
    const UpdateBatch<T> batch{parameters.data() + begin,
                               gradient.data() + begin,
                               moment(0),
                               moment(1),
                               end - begin,
                               static_cast<T>(run.penalised ? alpha : 0.0),
                               static_cast<T>(1.0 / batch_weight),
                               static_cast<T>(run.penalised ? decay : 0.0),
                               moment(2)};
    return row.step(state, batch, own_rate);
  };
  double penalised_squares = 0.0;
  for (const ParameterRun& run : spec.runs()) {
    const double squares =
        sum_of_pieces(team, run.begin, run.end,
                      [&](std::size_t begin, std::size_t end) { return step(begin, end, run); });
    if (run.penalised) penalised_squares += squares;
  }
  return penalised_squares;
}

template OptimiserState<float> start_optimiser<float>(const UpdateRule&, std::size_t);
template OptimiserState<double> start_optimiser<double>(const UpdateRule&, std::size_t);
template double take_step<float>(OptimiserState<float>&, const NetworkSpec&, std::span<float>,
                                 std::span<float>, double, double, double, ThreadTeam&);
template double take_step<double>(OptimiserState<double>&, const NetworkSpec&, std::span<double>,
                                  std::span<double>, double, double, double, ThreadTeam&);

}  // namespace skarma
