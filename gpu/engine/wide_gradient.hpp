#pragma once

#include <skarma/gpu/engine/compute_gradients.hpp>

namespace skarma::gpu {

/// Whether the whole device takes the network through one part of the samples after another.
template <class T>
bool goes_through_wide_steps(const LossJob<T>& job);

/// The loss and the gradient of such a network.
template <class T>
void compute_wide_gradient(Device& device, const LossJob<T>& job);

}  // namespace skarma::gpu
