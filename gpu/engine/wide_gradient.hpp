#pragma once

#include <vector>

#include <skarma/gpu/engine/compute_gradients.hpp>

namespace skarma::gpu {

/// Whether the whole device takes the network through one part of the samples after another.
template <class T>
bool goes_through_wide_steps(const LossJob<T>& job);

/// The losses and the gradients of such networks, those of one shape side by side.
template <class T>
void compute_wide_gradients(Device& device, std::vector<LossJob<T>> jobs);

}  // namespace skarma::gpu
