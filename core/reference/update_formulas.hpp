#pragma once

#include <cstddef>
#include <span>

#include <skarma/core/optim/update_rule.hpp>

namespace skarma::reference {

/// One step of the state's rule, in place. `gradient` is that of the penalised mean; weight decay
/// is for the first `n_coefs` parameters alone.
template <class T>
void take_step(OptimiserState<T>& state, std::span<T> parameters, std::span<const T> gradient,
               double rate, std::size_t n_coefs);

}  // namespace skarma::reference
