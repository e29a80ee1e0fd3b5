#pragma once

#include <vector>

#include <skarma/gpu/engine/passage.hpp>

namespace skarma::gpu {

/// Trains wide networks, those of a group side by side; the numbers of their steps are left to the
/// caller.
template <class T>
void train_wide(Device& device, std::vector<Passage<T>> passages);

}  // namespace skarma::gpu
