#pragma once

#include <span>

#include <skarma/core/optim/update_rule.hpp>

namespace skarma::reference {

/// One step of the state's rule for the trained parameters, in place. `gradient` is that of the
/// penalised mean.
template <class T>
void take_step(OptimiserState<T>& state, const NetworkSpec& spec, std::span<T> parameters,
               std::span<const T> gradient, double rate);

}  // namespace skarma::reference
