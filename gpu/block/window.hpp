#pragma once

#include <skarma/gpu/block/block_net.hpp>

// Where windows lie on images. Places before an image wrap around and lie beyond its end.

namespace skarma::gpu {

/// A pixel of one of several images that lie one after another.
struct Pixel {
  Count row, y, x;  // the row is the sample
};

SKARMA_PORTABLE inline Pixel pixel_of(Count i, Count height, Count width) {
  return {i / (height * width), i / width % height, i % width};
}

/// The first pixel that a window at a place of the output sees.
SKARMA_PORTABLE inline Pixel first_seen(const BlockWindow& w, const Pixel& place) {
  return {place.row, place.y * w.row_stride - w.top, place.x * w.column_stride - w.left};
}

/// begin ... end - 1.
struct PlaceRange {
  Count begin, end;
};

/// The places along one side that see a pixel which has so many others before it, with the zeros
/// around the image.
SKARMA_PORTABLE inline PlaceRange places_that_see(Count pixel, Count size, Count stride,
                                                  Count n_places) {
  const Count last = pixel / stride + 1;
  return {pixel < size ? 0 : (pixel - size) / stride + 1, last < n_places ? last : n_places};
}

/// How many pixels of an image a window sees along one side.
SKARMA_PORTABLE inline Count n_seen(Count place, Count size, Count stride, Count before,
                                    Count n_pixels) {
  const Count begin = place * stride, end = begin + size;
  const Count first = begin < before ? before : begin;
  const Count last = end < n_pixels + before ? end : n_pixels + before;
  return last - first;
}

}  // namespace skarma::gpu
