#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/core/cpu/layers/operations.hpp>

namespace skarma {

/// Memory of this thread for images or parts of them, one for each use, which grows to the largest.
template <class T, class Use>
T* image_room(std::size_t size) {
  thread_local std::vector<T> memory;
  if (memory.size() < size) memory.resize(size);
  return memory.data();
}

/// Calls use(first) for every pixel of the image that a window sees at the place (y, x) of the
/// output: the number of the pixel's first value.
template <class Use>
void for_seen(const Window& w, std::size_t y, std::size_t x, const Use& use) {
  for (std::size_t r = 0; r < w.height; ++r) {
    const std::size_t row = y * w.row_stride + r - w.top;  // wraps above the image
    if (row >= w.input.height) continue;
    for (std::size_t c = 0; c < w.width; ++c) {
      const std::size_t column = x * w.column_stride + c - w.left;
      if (column < w.input.width) use((row * w.input.width + column) * w.input.channels);
    }
  }
}

/// Brings the derivative by the images that a step reads to its place, sample by sample:
/// add(i, derivative) adds to zeros what sample i has.
template <class T, class Add>
void input_delta_by_sample(const PlanStep& step, const Pass<T>& pass, std::size_t cost,
                           const Add& add) {
  struct Derivative {};
  const InputDelta& to = *step.input_delta;
  const MatrixView<T> place = pass.values(to.place);
  run_in_parts(pass.team, pass.rows, cost, [&](std::size_t begin, std::size_t end) {
    T* const derivative = image_room<T, Derivative>(place.cols());
    for (std::size_t i = begin; i < end; ++i) {
      std::fill_n(derivative, place.cols(), T(0));
      add(i, derivative);
      mask_by<T>(to.joined, {derivative, 1, place.cols()}, {place.row(i).data(), 1, place.cols()},
                 ThreadTeam::alone());
    }
  });
  add_onto(to, pass);
}

}  // namespace skarma
