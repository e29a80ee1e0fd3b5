#pragma once

#include <skarma/gpu/device/device.hpp>
#include <skarma/gpu/wide/wide_models.hpp>

namespace skarma::gpu {

/// Asks the device to take all models through their next minibatch.
template <class T>
void take_wide_step(Device& device, const WideModels<T>& models);
/// After the last of these: adds its loss.
template <class T>
void finish_wide_steps(Device& device, const WideModels<T>& models);

/// The same for models that do not train: adds the minibatch's losses and gradients.
template <class T>
void add_wide_gradients(Device& device, const WideModels<T>& models);
/// Before the first and after the last of these.
template <class T>
void start_wide_gradients(Device& device, const WideModels<T>& models);
template <class T>
void finish_wide_gradients(Device& device, const WideModels<T>& models);

}  // namespace skarma::gpu
