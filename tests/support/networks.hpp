#pragma once

#include <cmath>
#include <cstdint>
#include <ostream>
#include <string_view>
#include <vector>

#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/net/targets.hpp>
#include <skarma/core/optim/initialise.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {

/// GoogleTest's hook: the names of tests over activations show which.
inline void PrintTo(const Activation& activation, std::ostream* out) { *out << activation.name; }

}  // namespace skarma

namespace skarma::test {

/// As many levels of quantiles, in rising order.
inline std::vector<double> levels(std::size_t n) {
  std::vector<double> all;
  for (std::size_t i = 1; i <= n; ++i) {
    all.push_back(static_cast<double>(i) / static_cast<double>(n + 1));
  }
  return all;
}

/// With a level for each output, if it is of quantiles.
inline LossChoice loss_for(std::string_view loss, std::size_t n_outputs) {
  LossChoice choice = parse_loss(loss);
  if (choice.row->function == kQuantile) choice.numbers = levels(n_outputs);
  return choice;
}

inline NetworkSpec network(std::vector<std::size_t> units, std::string_view hidden,
                           std::string_view loss) {
  const LossChoice choice = loss_for(loss, units.back());
  return {std::move(units), parse_activation(hidden), choice};
}

/// Initial parameters, drawn as a fit with this random_state draws them.
template <class T = double>
std::vector<T> initial_parameters(const NetworkSpec& spec, std::uint32_t seed) {
  std::vector<T> parameters(spec.n_parameters());
  RandomState random_state(seed);
  initialise<T>(spec, random_state, parameters);
  return parameters;
}

/// Targets that the loss of `spec` can learn: classes, labels 0 and 1, counts or real numbers.
template <class T = double>
Targets<T> random_targets(const NetworkSpec& spec, std::size_t n, std::uint32_t seed,
                          bool weighted = false) {
  RandomState random_state(seed);
  Targets<T> targets;
  targets.n_outputs = spec.n_outputs();
  const auto kind = spec.loss().function;
  for (std::size_t i = 0; i < n; ++i) {
    if (spec.loss().targets == TargetKind::code) {
      targets.codes.push_back(
          static_cast<std::int32_t>(random_state.bounded(spec.n_outputs() - 1)));
    } else {
      for (std::size_t j = 0; j < spec.n_outputs(); ++j) {
        const double u = random_state.uniform(-1, 1);
        const bool label = spec.loss().targets == TargetKind::labels;
        const bool count = kind == kPoisson || kind == kTweedie;
        const double number = kind == kGammaLoss ? 1.5 + u : u;
        targets.values.push_back(static_cast<T>(label   ? u > 0
                                                : count ? std::floor(2 + 2 * u)
                                                        : number));
      }
    }
    if (weighted) targets.weights.push_back(static_cast<T>(random_state.uniform(0.2, 2.0)));
  }
  return targets;
}

}  // namespace skarma::test
