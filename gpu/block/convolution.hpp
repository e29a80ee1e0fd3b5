#pragma once

#include <skarma/gpu/block/block.hpp>
#include <skarma/gpu/block/product.hpp>
#include <skarma/gpu/block/put_values.hpp>
#include <skarma/gpu/block/window.hpp>

// A convolution is three products over what windows see, none of which is copied together: one
// thread has a tile of sums, and finds its factors where they lie. Each sum is made in an order
// that depends on the shape alone.

namespace skarma::gpu {

/// Rows and columns of a tile, which lie apart. Beyond the end are the first ones once more.
template <Count n>
struct TileSide {
  Count first, gap, end;

  SKARMA_PORTABLE TileSide(Count from, Count of) : first(from), gap((of + n - 1) / n), end(of) {}
  SKARMA_PORTABLE bool has(Count i) const { return first + i * gap < end; }
  SKARMA_PORTABLE Count operator[](Count i) const { return has(i) ? first + i * gap : first; }
};

/// One tile's sums: of row i and column j.
template <class T, Count n_rows, Count n_columns>
struct TileSums {
  T sums[n_rows][n_columns] = {};

  SKARMA_PORTABLE void add(const T* left, const T* right) {
    for (Count i = 0; i < n_rows; ++i) {
      for (Count j = 0; j < n_columns; ++j) sums[i][j] += left[i] * right[j];
    }
  }
};

/// Calls make(rows, columns, sums) for each tile, then put(row, column, sum) for each of its sums.
template <class T, Count n_rows, Count n_columns, Block B, class Make, class Put>
SKARMA_PORTABLE void each_tile(B& block, Count rows, Count columns, const Make& make,
                               const Put& put) {
  const Count row_gap = (rows + n_rows - 1) / n_rows;
  const Count column_gap = (columns + n_columns - 1) / n_columns;
  each(block, row_gap * column_gap, [&](Count tile) {
    const TileSide<n_rows> own_rows(tile / column_gap, rows);
    const TileSide<n_columns> own_columns(tile % column_gap, columns);
    TileSums<T, n_rows, n_columns> sums;
    make(own_rows, own_columns, sums);
    for (Count i = 0; i < n_rows; ++i) {
      for (Count j = 0; j < n_columns; ++j) {
        if (!own_rows.has(i) || !own_columns.has(j)) continue;
        put(own_rows[i], own_columns[j], sums.sums[i][j]);
      }
    }
  });
}

/// The image of some sample where a window sees it: null outside.
template <class T>
SKARMA_PORTABLE const T* seen_at(const BlockWindow& w, const T* images, const Pixel& first, Count r,
                                 Count c) {
  const Count y = first.y + r, x = first.x + c;
  if (y >= w.in_height || x >= w.in_width) return nullptr;
  return images + ((first.row * w.in_height + y) * w.in_width + x) * w.channels;
}

/// z of all places, without the bias: put(place, filter, z).
template <class T, Count n_columns, Block B, class Put>
SKARMA_PORTABLE void convolve(B& block, const BlockPass<T>& pass, const BlockStep& step,
                              const Put& put) {
  const BlockWindow& w = step.window;
  const auto make = [&](const TileSide<kTile>& places, const TileSide<n_columns>& filters,
                        TileSums<T, kTile, n_columns>& sums) {
    Pixel first[kTile];
    for (Count i = 0; i < kTile; ++i) {
      first[i] = first_seen(w, pixel_of(places[i], w.out_height, w.out_width));
    }
    const T* weights = pass.parameters + step.coef;
    for (Count at = 0; at < w.height * w.width; ++at) {
      const T* seen[kTile];
      for (Count i = 0; i < kTile; ++i) {
        seen[i] = seen_at(w, pass.input(step), first[i], at / w.width, at % w.width);
      }
      for (Count k = 0; k < w.channels; ++k, weights += step.channels) {
        T left[kTile], right[n_columns];
        for (Count i = 0; i < kTile; ++i) left[i] = seen[i] == nullptr ? T(0) : seen[i][k];
        for (Count j = 0; j < n_columns; ++j) right[j] = weights[filters[j]];
        sums.add(left, right);
      }
    }
  };
  each_tile<T, kTile, n_columns>(block, pass.rows * step.places, step.channels, make, put);
}

template <class T, Block B>
SKARMA_PORTABLE void conv2d_forward(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  const T* bias = pass.parameters + step.intercept;
  const auto put = [&](Count place, Count filter, T z) {
    put_activated(pass, step, place * step.channels + filter, z + bias[filter]);
  };
  if (step.channels >= kTile) {
    convolve<T, kTile>(block, pass, step, put);
  } else {
    convolve<T, 1>(block, pass, step, put);
  }
}

/// Adds the gradient of the coefs: values of a window by filters.
template <class T, Count n_columns, Block B>
SKARMA_PORTABLE void add_conv2d_gradient(B& block, const BlockPass<T>& pass, const BlockStep& step,
                                         T* gradient) {
  const BlockWindow& w = step.window;
  T* const sum_of = gradient + step.coef;
  const auto make = [&](const TileSide<kTile>& values, const TileSide<n_columns>& filters,
                        TileSums<T, kTile, n_columns>& sums) {
    Count y[kTile], x[kTile], channel[kTile];
    for (Count i = 0; i < kTile; ++i) {
      const Count at = values[i] / w.channels;
      y[i] = at / w.width;
      x[i] = at % w.width;
      channel[i] = values[i] % w.channels;
      for (Count j = 0; j < n_columns; ++j) {
        sums.sums[i][j] = sum_of[values[i] * step.channels + filters[j]];
      }
    }
    const T* delta = pass.through(step);
    for (Count place = 0; place < pass.rows * step.places; ++place, delta += step.channels) {
      const Pixel first = first_seen(w, pixel_of(place, w.out_height, w.out_width));
      T left[kTile], right[n_columns];
      for (Count i = 0; i < kTile; ++i) {
        const T* const seen = seen_at(w, pass.input(step), first, y[i], x[i]);
        left[i] = seen == nullptr ? T(0) : seen[channel[i]];
      }
      for (Count j = 0; j < n_columns; ++j) right[j] = delta[filters[j]];
      sums.add(left, right);
    }
  };
  each_tile<T, kTile, n_columns>(
      block, w.size(), step.channels, make,
      [&](Count value, Count filter, T sum) { sum_of[value * step.channels + filter] = sum; });
}

template <class T, Block B>
SKARMA_PORTABLE void conv2d_gradient(B& block, const BlockPass<T>& pass, const BlockStep& step,
                                     T* gradient) {
  if (step.channels >= kTile) {
    add_conv2d_gradient<T, kTile>(block, pass, step, gradient);
  } else {
    add_conv2d_gradient<T, 1>(block, pass, step, gradient);
  }
}

/// The place of the output whose window sees a pixel as its row r and column c, as derivatives by
/// filters: null where there is none.
template <class T>
SKARMA_PORTABLE const T* delta_seeing(const BlockStep& step, const T* delta, const Pixel& pixel,
                                      Count r, Count c) {
  const BlockWindow& w = step.window;
  const Count below = pixel.y + w.top, beside = pixel.x + w.left;
  if (below < r || beside < c) return nullptr;
  const Count y = (below - r) / w.row_stride, x = (beside - c) / w.column_stride;
  if (y * w.row_stride != below - r || x * w.column_stride != beside - c) return nullptr;
  if (y >= w.out_height || x >= w.out_width) return nullptr;
  return delta + ((pixel.row * w.out_height + y) * w.out_width + x) * step.channels;
}

/// Derivatives by what is read: pixels by channels.
template <class T, Count n_columns, Block B>
SKARMA_PORTABLE void gather_conv2d_delta(B& block, const BlockPass<T>& pass,
                                         const BlockStep& step) {
  const BlockWindow& w = step.window;
  const auto make = [&](const TileSide<kTile>& pixels, const TileSide<n_columns>& channels,
                        TileSums<T, kTile, n_columns>& sums) {
    Pixel pixel[kTile];
    for (Count i = 0; i < kTile; ++i) pixel[i] = pixel_of(pixels[i], w.in_height, w.in_width);
    const T* weights = pass.parameters + step.coef;
    for (Count at = 0; at < w.height * w.width; ++at, weights += w.channels * step.channels) {
      const T* seeing[kTile];
      for (Count i = 0; i < kTile; ++i) {
        seeing[i] = delta_seeing<T>(step, pass.through(step), pixel[i], at / w.width, at % w.width);
      }
      for (Count k = 0; k < step.channels; ++k) {
        T left[kTile], right[n_columns];
        for (Count i = 0; i < kTile; ++i) left[i] = seeing[i] == nullptr ? T(0) : seeing[i][k];
        for (Count j = 0; j < n_columns; ++j) right[j] = weights[channels[j] * step.channels + k];
        sums.add(left, right);
      }
    }
  };
  each_tile<T, kTile, n_columns>(block, pass.rows * w.in_height * w.in_width, w.channels, make,
                                 [&](Count p, Count channel, T sum) {
                                   put_input_delta(pass, step, p * w.channels + channel, sum);
                                 });
}

template <class T, Block B>
SKARMA_PORTABLE void conv2d_input_delta(B& block, const BlockPass<T>& pass, const BlockStep& step) {
  if (step.place == kNone) return;
  if (step.window.channels >= kTile) {
    gather_conv2d_delta<T, kTile>(block, pass, step);
  } else {
    gather_conv2d_delta<T, 1>(block, pass, step);
  }
}

}  // namespace skarma::gpu
