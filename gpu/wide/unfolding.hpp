#pragma once

#include <cstddef>

#include <skarma/gpu/block/convolution.hpp>
#include <skarma/gpu/wide/wide_model.hpp>

// Convolutions of wide networks are products over what windows see, which is copied together for
// some places of the output at a time: a row each, in WideModel::columns.

namespace skarma::gpu {

/// How the places of a step's minibatch are dealt out, by its shape and the memory for columns.
/// The sum of a gradient is made in parts, side by side, which are then added in their order.
struct Tiling {
  Count n_places;  // of all rows
  Count tile;      // places that are copied together at once; the last tile may have fewer
  Count part;      // places of a part; those of a tile's last part may be fewer

  SKARMA_PORTABLE Count tile_at(Count first) const {
    return n_places - first < tile ? n_places - first : tile;
  }
  SKARMA_PORTABLE Count n_parts(Count places) const { return (places + part - 1) / part; }
};

/// Numbers of a part's sum: the coefs' and the biases'.
SKARMA_PORTABLE inline std::size_t sums_of_part(const BlockStep& step) {
  return (std::size_t{step.depth()} + 1) * step.channels;
}

/// For so many rows, and `memory` numbers.
SKARMA_PORTABLE inline Tiling tiling_of(const BlockStep& step, Count rows, std::size_t memory) {
  constexpr std::size_t kSquare = 64;  // what a product takes a multiprocessor for
  constexpr std::size_t kSquares = 128, kMostParts = 128;
  const auto within = [](std::size_t n, std::size_t most) {
    return n < 1 ? std::size_t{1} : n < most ? n : most;
  };
  const std::size_t depth = step.depth(), n_places = std::size_t{rows} * step.places;
  std::size_t tile = within(memory / depth, n_places);
  const std::size_t squares =
      ((depth + kSquare - 1) / kSquare) * ((step.channels + kSquare - 1) / kSquare);
  std::size_t parts = within(tile * depth * kMostParts / memory, kMostParts);
  parts = within(parts, within(kSquares / squares, kSquares));
  parts = within(parts, within(memory / sums_of_part(step), kMostParts));
  parts = within(parts, tile);
  const std::size_t part = tile < n_places ? tile / parts : (tile + parts - 1) / parts;
  if (tile < n_places) tile = part * parts;
  return {static_cast<Count>(n_places), static_cast<Count>(tile), static_cast<Count>(part)};
}

template <class T>
SKARMA_PORTABLE Tiling tiling_of(const WideModel<T>& model, const BlockStep& step) {
  return tiling_of(step, model.room.max_rows, model.n_columns);
}

/// Copies together what the windows of a tile see.
template <class T, class B>
SKARMA_PORTABLE void unfold(B& grid, const WideModel<T>& model, const BlockStep& step,
                            Count first) {
  const BlockPass<T> pass = model.pass(true);
  const BlockWindow& w = step.window;
  const Count depth = w.size();
  each(grid, tiling_of(model, step).tile_at(first) * depth, [&](Count i) {
    const Count place = first + i / depth, at = i % depth, pixel = at / w.channels;
    const T* const seen =
        seen_at(w, pass.input(step), first_seen(w, pixel_of(place, w.out_height, w.out_width)),
                pixel / w.width, pixel % w.width);
    model.columns[i] = seen == nullptr ? T(0) : seen[at % w.channels];
  });
}

/// The derivatives by what a tile's windows see are in `columns`: adds those by each value that is
/// read, and puts them where they go when all windows that see it have been.
template <class T, class B>
SKARMA_PORTABLE void fold(B& grid, const WideModel<T>& model, const BlockStep& step, Count first) {
  const BlockPass<T> pass = model.pass(true);
  const BlockWindow& w = step.window;
  const Count end = first + tiling_of(model, step).tile_at(first), depth = w.size();
  const Count first_row = first / step.places, last_row = (end - 1) / step.places;
  each(grid, (last_row - first_row + 1) * step.inputs, [&](Count k) {
    const Count i = first_row * step.inputs + k;
    const Count row = first_row + k / step.inputs, channel = i % w.channels;
    const Pixel pixel = pixel_of(i / w.channels, w.in_height, w.in_width);
    const Count y = pixel.y + w.top, x = pixel.x + w.left;
    const PlaceRange ys = places_that_see(y, w.height, w.row_stride, w.out_height);
    const PlaceRange xs = places_that_see(x, w.width, w.column_stride, w.out_width);
    T total = first <= row * step.places ? T(0) : model.products[i];
    for (Count r = ys.begin; r < ys.end; ++r) {
      for (Count c = xs.begin; c < xs.end; ++c) {
        const Count place = row * step.places + r * w.out_width + c;
        if (place < first || place >= end) continue;
        const Count at = ((y - r * w.row_stride) * w.width + x - c * w.column_stride) * w.channels;
        total += model.columns[(place - first) * depth + at + channel];
      }
    }
    if ((row + 1) * step.places > end) {
      model.products[i] = total;
    } else if (row < model.progress->n_rows) {
      put_input_delta(pass, step, i, total);
    } else {
      pass.buffer(step.place)[i] = 0;  // whatever a fused bias has left there
    }
  });
}

/// The biases' gradients of a tile's parts, behind those of the coefs.
template <class T, class B>
SKARMA_PORTABLE void sum_biases_of_parts(B& grid, const WideModel<T>& model, const BlockStep& step,
                                         Count first) {
  const Tiling tiling = tiling_of(model, step);
  const Count places = tiling.tile_at(first), filters = step.channels;
  const T* const delta = model.pass(true).through(step);
  each(grid, tiling.n_parts(places) * filters, [&](Count i) {
    const Count part = i / filters, filter = i % filters, begin = part * tiling.part;
    const Count end = places - begin < tiling.part ? places : begin + tiling.part;
    T total = 0;
    for (Count p = begin; p < end; ++p) total += delta[(first + p) * filters + filter];
    model.parts[part * sums_of_part(step) + step.depth() * filters + filter] = total;
  });
}

/// Adds a tile's parts to the gradient, which the first tile of a minibatch begins.
template <class T, class B>
SKARMA_PORTABLE void add_parts(B& grid, const WideModel<T>& model, const BlockStep& step,
                               Count first) {
  const Tiling tiling = tiling_of(model, step);
  const Count parts = tiling.n_parts(tiling.tile_at(first)), coefs = step.depth() * step.channels;
  each(grid, static_cast<Count>(sums_of_part(step)), [&](Count i) {
    const bool is_coef = i < coefs;
    T& sum = model.gradient[is_coef ? step.coef + i : step.intercept + (i - coefs)];
    T total = first == 0 && model.progress->trains ? T(0) : sum;
    for (Count p = 0; p < parts; ++p) total += model.parts[p * sums_of_part(step) + i];
    sum = is_coef || step.trains_bias ? total : T(0);
  });
}

}  // namespace skarma::gpu
