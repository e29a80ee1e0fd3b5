#pragma once

#include <skarma/gpu/block/block.hpp>
#include <skarma/gpu/block/put_values.hpp>
#include <skarma/gpu/block/window.hpp>

// Pools see each channel for itself. On the way back every derivative by what is read is gathered
// by one thread, in the order of the places that see it.

namespace skarma::gpu {

/// Calls use(seen, place in the window) for all that value number i of a pool's output sees: the
/// number of a value of the same channel.
template <class Use>
SKARMA_PORTABLE void for_seen(const BlockStep& step, Count i, const Use& use) {
  const BlockWindow& w = step.window;
  const Count channel = i % w.channels;
  const Pixel first = first_seen(w, pixel_of(i / w.channels, w.out_height, w.out_width));
  for (Count r = 0; r < w.height; ++r) {
    if (first.y + r >= w.in_height) continue;
    const Count line = (first.row * w.in_height + first.y + r) * w.in_width;
    for (Count c = 0; c < w.width; ++c) {
      if (first.x + c >= w.in_width) continue;
      use((line + first.x + c) * w.channels + channel, r * w.width + c);
    }
  }
}

/// Calls use(seeing, place in its window) for all values of a pool's output that see value number
/// i of what it reads.
template <class Use>
SKARMA_PORTABLE void for_seeing(const BlockStep& step, Count i, const Use& use) {
  const BlockWindow& w = step.window;
  const Count channel = i % w.channels;
  const Pixel pixel = pixel_of(i / w.channels, w.in_height, w.in_width);
  const Count y = pixel.y + w.top, x = pixel.x + w.left;
  const PlaceRange rows = places_that_see(y, w.height, w.row_stride, w.out_height);
  const PlaceRange columns = places_that_see(x, w.width, w.column_stride, w.out_width);
  for (Count r = rows.begin; r < rows.end; ++r) {
    for (Count c = columns.begin; c < columns.end; ++c) {
      use(((pixel.row * w.out_height + r) * w.out_width + c) * w.channels + channel,
          (y - r * w.row_stride) * w.width + (x - c * w.column_stride));
    }
  }
}

/// No place in a window.
inline constexpr Count kNowhere = ~Count{0};

/// A NaN, if there is one. The first of equal ones is remembered.
template <class T, Block B>
SKARMA_PORTABLE void max_pool_forward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  each(block, pass.rows * step.units, [&](Count i) {
    const T* x = pass.input(step);
    T largest = 0;
    Count place = kNowhere;
    for_seen(step, i, [&](Count seen, Count at) {
      const T v = x[seen];
      if (place != kNowhere && !(v > largest || (v != v && largest == largest))) return;
      largest = v;
      place = at;
    });
    pass.buffer(step.output)[i] = largest;
    pass.buffer(step.largest)[i] = static_cast<T>(place);
  });
}

template <class T, Block B>
SKARMA_PORTABLE void average_pool_forward(B& block, const BlockPass<T>& pass,
                                          const BlockStep& step) {
  each(block, pass.rows * step.units, [&](Count i) {
    const T* x = pass.input(step);
    T total = 0;
    Count n = 0;
    for_seen(step, i, [&](Count seen, Count) {
      total += x[seen];
      ++n;
    });
    pass.buffer(step.output)[i] = total / static_cast<T>(n);
  });
}

template <class T, Block B>
SKARMA_PORTABLE void max_pool_backward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  if (step.place == kNone) return;
  each(block, pass.rows * step.inputs, [&](Count i) {
    const T* delta = pass.buffer(step.delta);
    const T* largest = pass.buffer(step.largest);
    T total = 0;
    for_seeing(step, i, [&](Count seeing, Count at) {
      if (largest[seeing] == static_cast<T>(at)) total += delta[seeing];
    });
    put_input_delta(pass, step, i, total);
  });
}

template <class T, Block B>
SKARMA_PORTABLE void average_pool_backward(B& block, const BlockPass<T>& pass,
                                           const BlockStep& step) {
  if (step.place == kNone) return;
  const BlockWindow& w = step.window;
  each(block, pass.rows * step.inputs, [&](Count i) {
    const T* delta = pass.buffer(step.delta);
    T total = 0;
    for_seeing(step, i, [&](Count seeing, Count) {
      const Pixel place = pixel_of(seeing / w.channels, w.out_height, w.out_width);
      const Count n = n_seen(place.y, w.height, w.row_stride, w.top, w.in_height) *
                      n_seen(place.x, w.width, w.column_stride, w.left, w.in_width);
      total += delta[seeing] / static_cast<T>(n);
    });
    put_input_delta(pass, step, i, total);
  });
}

}  // namespace skarma::gpu
