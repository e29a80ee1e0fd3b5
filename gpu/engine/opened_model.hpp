#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include <skarma/core/engine/engine.hpp>
#include <skarma/gpu/block/block_net.hpp>
#include <skarma/gpu/block/tasks.hpp>
#include <skarma/gpu/device/device_memory.hpp>
#include <skarma/gpu/engine/held_samples.hpp>

namespace skarma::gpu {

template <class T>
struct WideGroup;

/// What the host knows of a model that is open on a device. Those that were opened together lie
/// there in one piece.
template <class T>
struct OpenedModel {
  std::shared_ptr<const DeviceMemory> memory;
  std::shared_ptr<const BlockProgram> program;
  const HeldSamples* data;
  UpdateRule rule;
  std::int64_t n_steps;
  std::vector<T> weights;       // of the samples, or empty
  const DeviceModel<T>* model;  // on the device, and so are:
  BlockNet net;                 // what it points to
  T* parameters;
  T* moments;
  T* kept;
  Count n_moments;
  bool has_kept;
  std::size_t shared_bytes;                 // of the block that trains it,
  std::shared_ptr<WideGroup<T>> wide = {};  // or, of a network that is too large for that, those
  std::size_t slot = 0;                     // that lie beside it, and its place among them
};

/// The data that an engine holds.
using HeldData = std::map<DataId, HeldSamples>;

/// Brings models to the device, all of them or, after an exception, none. Takes everything out of
/// them but the states' memory.
template <class T>
std::vector<OpenedModel<T>> open_together(Device& device, const HeldData& data,
                                          std::span<OpenModel* const> models);

/// Brings back what has become of models, in the states that they were opened with.
template <class T>
void bring_back(Device& device, std::span<const OpenedModel<T>* const> models,
                std::span<ModelState<T>* const> states);

}  // namespace skarma::gpu
