#pragma once

#include <span>

#include <skarma/core/base/random_state.hpp>
#include <skarma/core/net/initialiser.hpp>
#include <skarma/core/net/network_spec.hpp>

namespace skarma {

/// Draws initial parameters node by node and slot by slot, so in scikit-learn's order W_0, b_0,
/// W_1, b_1, ..., in double and rounded to T. `parameters` is packed. An initialiser other than the
/// first of the table draws W, row by row, and no biases, which are 0.
template <class T>
void initialise(const NetworkSpec& spec, RandomState& random_state, std::span<T> parameters,
                const Initialiser& initialiser = kInitialisers.front());

}  // namespace skarma
