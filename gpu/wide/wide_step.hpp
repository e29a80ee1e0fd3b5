#pragma once

#include <cstddef>

#include <skarma/gpu/device/device.hpp>
#include <skarma/gpu/wide/wide_model.hpp>

namespace skarma::gpu {

/// Wide models of one shape that lie side by side on a device: everything of model i lies i times
/// a step after that of the first one.
template <class T>
struct WideModels {
  const WideModel<T>* models;  // on the device, as are the next two
  const StartBatch<T>* starts;
  const FinishLosses<T>* finishes;
  WideModel<T> first;      // a copy of models[0]
  const BlockStep* steps;  // here
  const Count* buffers;    // here: BlockNet::starts
  std::size_t n;
  std::size_t state_step;  // elements between parameters of neighbours
  std::size_t room_step;   // and between those of anything in their rooms
  bool has_sparse;         // whether any of them may learn from sparse samples
};

/// Asks the device to take all models through their next minibatch.
template <class T>
void take_wide_step(Device& device, const WideModels<T>& models);

/// The same for models that do not train: adds the minibatch's losses and gradients.
template <class T>
void add_wide_gradients(Device& device, const WideModels<T>& models);
/// Before the first and after the last of these.
template <class T>
void start_wide_gradients(Device& device, const WideModels<T>& models);
template <class T>
void finish_wide_gradients(Device& device, const WideModels<T>& models);

}  // namespace skarma::gpu
