#pragma once

#include <span>

#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/optim/restraints.hpp>

namespace skarma::reference {

/// Clips the gradient of the trained parameters: its components, then its norm, to which what is
/// frozen adds nothing.
template <class T>
void clip(std::span<T> gradient, const NetworkSpec& spec, const Restraints& restraints);

/// What becomes of the trained parameters after a step from `before`, in place: no weight is beyond
/// 0 where there is l1, and what a unit reads by is no longer than max_norm.
template <class T>
void restrain(const Restraints& restraints, const NetworkSpec& spec, std::span<const T> before,
              std::span<const T> gradient, std::span<T> parameters);

}  // namespace skarma::reference
