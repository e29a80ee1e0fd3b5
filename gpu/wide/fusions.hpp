#pragma once

#include <cstddef>
#include <vector>

#include <skarma/gpu/block/block_net.hpp>
#include <skarma/gpu/device/products.hpp>

namespace skarma::gpu {

/// What a dense step of wide networks leaves to its products.
struct StepFusion {
  EpilogueKind forward = EpilogueKind::none;  // none: bias and activation are a phase
  bool keeps = false;                         // of a ReLU: whether it is asked on the way back
  EpilogueKind back = EpilogueKind::none;
  bool goes_straight = false;  // the derivative by the input; if not, a phase follows
  std::size_t kept = 0;        // bytes from WideModels::kept to what `forward` keeps,
  std::size_t asked = 0;       // and to what `back` asks
};

/// By the shape of a network, its type and the device alone.
struct Fusions {
  std::vector<StepFusion> steps;
  bool bias_gradients = false;  // come from the products of all steps; if not, a phase takes them
};

/// None but derivatives that nothing is joined to; places for what epilogues may keep of so many
/// rows, `bytes` in all.
template <class T>
Fusions plain_fusions(const BlockNet& net, Count rows, std::size_t& bytes);

template <class T>
struct WideModels;
class Device;

/// All that the device has for these models.
template <class T>
Fusions fusions_on(Device& device, const WideModels<T>& models, Fusions plain);

}  // namespace skarma::gpu
