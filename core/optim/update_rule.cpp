#include <skarma/core/optim/update_rule.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string_view>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/kernels/dispatch.hpp>

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

/// AdamW (Loshchilov and Hutter, ICLR 2019). Its epsilon is added to the corrected root, as in the
/// paper and in torch.optim.AdamW: m / (sqrt(v) / c + epsilon) = c m / (sqrt(v) + c epsilon).
template <class T>
double adamw(const OptimiserState<T>& state, const UpdateBatch<T>& batch, double rate) {
  const UpdateRule& rule = state.rule;
  const double t = static_cast<double>(state.n_steps);
  const double c = std::sqrt(1.0 - std::pow(rule.beta_2, t));
  const double corrected = rate * c / (1.0 - std::pow(rule.beta_1, t));
  return kernels::table<T>().adamw_step(batch,
                                        {rule.beta_1, rule.beta_2, c * rule.epsilon, corrected});
}

template <class T>
struct RuleRow {
  std::string_view name;
  std::size_t n_moments;
  double (*step)(const OptimiserState<T>&, const UpdateBatch<T>&, double rate);
};

template <class T>
constexpr std::array kRules = {
    RuleRow<T>{"sgd", 1, sgd<T>},
    RuleRow<T>{"adam", 2, adam<T>},
    RuleRow<T>{"rmsprop", 1, rmsprop<T>},
    RuleRow<T>{"adamw", 2, adamw<T>},
};

constexpr auto kRuleNames = [] {
  std::array<std::string_view, kRules<double>.size()> names;
  std::ranges::transform(kRules<double>, names.begin(), &RuleRow<double>::name);
  return names;
}();

template <class T>
const RuleRow<T>& row_of(const UpdateRule& rule) {
  for (const auto& row : kRules<T>) {
    if (row.name == rule.name) return row;
  }
  throw std::invalid_argument("There is no update rule '" + rule.name + "'.");
}

}  // namespace

std::span<const std::string_view> update_rule_names() { return kRuleNames; }

template <class T>
OptimiserState<T> start_optimiser(const UpdateRule& rule, std::size_t n_parameters) {
  return {rule, std::vector<T>(row_of<T>(rule).n_moments * n_parameters), 0};
}

template <class T>
double take_step(OptimiserState<T>& state, const NetworkSpec& spec, std::span<T> parameters,
                 std::span<T> gradient, double alpha, double batch_weight, double rate,
                 ThreadTeam& team) {
  const auto& row = row_of<T>(state.rule);
  const std::size_t n = parameters.size();
  SKARMA_CHECK(state.moments.size() == row.n_moments * n);
  ++state.n_steps;
  const auto step = [&](std::size_t begin, std::size_t end, const ParameterRun& run) {
    const double own_rate = rate * run.rate_factor;
    const double decay = own_rate * state.rule.weight_decay * run.decay_factor;
    T* first = state.moments.data() + begin;
    T* second = row.n_moments > 1 ? first + n : nullptr;
    const UpdateBatch<T> batch{parameters.data() + begin,
                               gradient.data() + begin,
                               first,
                               second,
                               end - begin,
                               static_cast<T>(run.penalised ? alpha : 0.0),
                               static_cast<T>(1.0 / batch_weight),
                               static_cast<T>(run.penalised ? decay : 0.0)};
    return row.step(state, batch, own_rate);
  };
  double penalised_squares = 0.0;
  for (const ParameterRun& run : spec.runs()) {
    // Pieces by the size of the run alone, summed in their order: no thread changes a bit.
    constexpr std::size_t kPiece = 16384, kMostPieces = 64;
    const std::size_t size = run.end - run.begin;
    const std::size_t pieces = std::clamp<std::size_t>(size / kPiece, 1, kMostPieces);
    std::array<double, kMostPieces> squares{};
    team.run(pieces, [&](std::size_t i) {
      squares[i] = step(run.begin + part_begin(i, size, pieces, 64),
                        run.begin + part_begin(i + 1, size, pieces, 64), run);
    });
    if (run.penalised) penalised_squares += std::accumulate(squares.begin(), squares.end(), 0.0);
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
