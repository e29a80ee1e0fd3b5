#include <skarma/core/optim/restrained_step.hpp>

#include <algorithm>
#include <cmath>

#include <skarma/core/optim/pieces.hpp>

namespace skarma {
namespace {

/// Calls each(i) for the parameters of a run.
template <class Each>
void for_each_of(const ParameterRun& run, ThreadTeam& team, const Each& each) {
  sum_of_pieces(team, run.begin, run.end, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) each(i);
    return 0.0;
  });
}

bool is_trained(const NetworkSpec& spec, const LayerPlace& layer) {
  return std::ranges::any_of(spec.runs(), [&](const ParameterRun& run) {
    return run.begin <= layer.coef && layer.coef < run.end;
  });
}

}  // namespace

template <class T>
RestrainedStep<T>::RestrainedStep(const Restraints& restraints, const NetworkSpec& spec)
    : restraints_(restraints) {
  if (restraints_.l1 > 0.0) before_.resize(spec.n_trained());
  if (restraints_.max_norm > 0.0) {
    norms_.resize(std::ranges::max(spec.layers(), {}, &LayerPlace::outputs).outputs);
  }
}

template <class T>
double RestrainedStep<T>::take(OptimiserState<T>& state, const NetworkSpec& spec,
                               std::span<T> parameters, std::span<T> gradient, double alpha,
                               double batch_weight, double rate, ThreadTeam& team) {
  const double penalty = penalise(spec, parameters, gradient, alpha, batch_weight, team);
  if (restraints_.clip_value > 0.0 || restraints_.clip_norm > 0.0) clip(spec, gradient, team);
  if (restraints_.l1 > 0.0) std::ranges::copy(parameters, before_.begin());
  take_step<T>(state, spec, parameters, gradient, 0.0, 1.0, rate, team);
  if (restraints_.l1 > 0.0) stay_in_orthant(spec, parameters, gradient, team);
  if (restraints_.max_norm > 0.0) limit_norms(spec, parameters, team);
  return penalty;
}

template <class T>
double RestrainedStep<T>::penalise(const NetworkSpec& spec, std::span<const T> parameters,
                                   std::span<T> gradient, double alpha, double batch_weight,
                                   ThreadTeam& team) const {
  const T share = static_cast<T>(1.0 / batch_weight);
  const T l1 = static_cast<T>(restraints_.l1 / batch_weight);
  double penalty = 0.0;
  for (const ParameterRun& run : spec.runs()) {
    const T l2 = static_cast<T>(run.penalised ? alpha : 0.0);
    const auto part = [&](std::size_t begin, std::size_t end) {
      double squares = 0.0, magnitudes = 0.0;
      for (std::size_t i = begin; i < end; ++i) {
        const T w = parameters[i];
        T& g = gradient[i];
        g = run.penalised ? (g + l2 * w) * share : g * share;
        if (!run.penalised) continue;
        if (l1 > 0) g += l1_slope(l1, w, g);
        squares += static_cast<double>(w) * static_cast<double>(w);
        magnitudes += std::abs(static_cast<double>(w));
      }
      return 0.5 * alpha * squares + restraints_.l1 * magnitudes;
    };
    penalty += sum_of_pieces(team, run.begin, run.end, part);
  }
  return penalty;
}

template <class T>
void RestrainedStep<T>::clip(const NetworkSpec& spec, std::span<T> gradient,
                             ThreadTeam& team) const {
  if (restraints_.clip_value > 0.0) {
    const T most = static_cast<T>(restraints_.clip_value);
    for (const ParameterRun& run : spec.runs()) {
      for_each_of(run, team, [&](std::size_t i) {
        gradient[i] = gradient[i] > most ? most : gradient[i] < -most ? -most : gradient[i];
      });
    }
  }
  if (restraints_.clip_norm == 0.0) return;
  double squares = 0.0;
  for (const ParameterRun& run : spec.runs()) {
    squares += sum_of_pieces(team, run.begin, run.end, [&](std::size_t begin, std::size_t end) {
      double sum = 0.0;
      for (std::size_t i = begin; i < end; ++i) {
        sum += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
      }
      return sum;
    });
  }
  const double share = restraints_.clip_norm / (std::sqrt(squares) + kClipNormEpsilon);
  if (!(share < 1.0)) return;
  for (const ParameterRun& run : spec.runs()) {
    for_each_of(run, team, [&](std::size_t i) { gradient[i] *= static_cast<T>(share); });
  }
}

template <class T>
void RestrainedStep<T>::stay_in_orthant(const NetworkSpec& spec, std::span<T> parameters,
                                        std::span<const T> gradient, ThreadTeam& team) const {
  for (const ParameterRun& run : spec.runs()) {
    if (!run.penalised) continue;
    for_each_of(run, team, [&](std::size_t i) {
      parameters[i] = within_orthant(before_[i], parameters[i], gradient[i]);
    });
  }
}

template <class T>
void RestrainedStep<T>::limit_norms(const NetworkSpec& spec, std::span<T> parameters,
                                    ThreadTeam& team) {
  for (const LayerPlace& layer : spec.layers()) {
    if (!is_trained(spec, layer)) continue;
    T* const coefs = parameters.data() + layer.coef;
    sum_of_pieces(team, 0, layer.outputs, [&](std::size_t begin, std::size_t end) {
      std::fill(norms_.begin() + static_cast<std::ptrdiff_t>(begin),
                norms_.begin() + static_cast<std::ptrdiff_t>(end), 0.0);
      for (std::size_t i = 0; i < layer.inputs; ++i) {
        for (std::size_t j = begin; j < end; ++j) {
          const auto w = static_cast<double>(coefs[i * layer.outputs + j]);
          norms_[j] += w * w;
        }
      }
      for (std::size_t j = begin; j < end; ++j) {
        const double norm = std::sqrt(norms_[j]);
        norms_[j] = norm > restraints_.max_norm ? restraints_.max_norm / norm : 1.0;
      }
      for (std::size_t i = 0; i < layer.inputs; ++i) {
        for (std::size_t j = begin; j < end; ++j) {
          coefs[i * layer.outputs + j] *= static_cast<T>(norms_[j]);
        }
      }
      return 0.0;
    });
  }
}

template class RestrainedStep<float>;
template class RestrainedStep<double>;

}  // namespace skarma
