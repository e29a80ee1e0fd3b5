#pragma once

#include <skarma/core/kernels/isa/tiles.hpp>

// Products of a dense layer, in tiles of c that stay in registers while their sums run. An element
// of c is one chain of multiply-adds in the order of the depth, whichever tile it is in: cutting c
// changes no bit.

namespace skarma::kernels {
namespace {

/// Room for the widest panel of b.
template <class T>
size_t product_room(size_t cols, size_t depth) {
  if (cols == 1 || depth == 1) return 0;
  const size_t vectors = (cols + kLanes<T> - 1) / kLanes<T>;
  return (depth * (vectors < kTileVectors ? vectors : kTileVectors) + 1) * kLanes<T>;
}

/// A product with a single column: a dot product for each row.
template <class Step, class T>
void single_column_product(const DenseProduct<T>& p) {
  for (size_t i = 0; i < p.rows; ++i) {
    p.c[i] = Step::rest(Step::join(dot(p.a + i * p.depth, p.b, p.depth), *Step::beside(p, i, 0)));
  }
}

/// A product over a single column of a: each element is one multiplication.
template <class Step, class T>
void outer_product(const DenseProduct<T>& p) {
  for (size_t i = 0; i < p.rows; ++i) {
    const T factor = p.a[i];
    const T* beside = Step::beside(p, i, 0);
    T* c = p.c + i * p.cols;
#pragma omp simd
    for (size_t j = 0; j < p.cols; ++j) c[j] = Step::rest(Step::join(factor * p.b[j], beside[j]));
  }
}

/// c = a b, or c = a b' where b is given as its transpose; then Step.
template <class Step, bool b_transposed, class T>
void product(const DenseProduct<T>& p) {
  if (p.cols == 1) return single_column_product<Step>(p);
  if (p.depth == 1) return outer_product<Step>(p);
  T* packed = aligned(p.room);
  alignas(kVectorBytes) T sums[kTileRows * kTileVectors * kLanes<T>];
  for_each_panel<T>(p.cols, [&](const Panel& panel) {
    if constexpr (b_transposed) {
      pack_transposed(p.b, p.depth, p.depth, panel, packed);
    } else {
      pack(p.b, p.cols, p.depth, panel, packed, static_cast<T*>(nullptr), false);
    }
    const PanelRows<T> b = packed_rows<T>(panel, packed);
    if (p.rows < kTileRows) {
      for (size_t row = 0, rows; row < p.rows; row += rows) {
        rows = small_tile_rows(p.rows - row);
        sum_small_tile(rows, panel, p.depth, {p.a + row * p.depth, p.depth, 1}, b, sums);
        finish<Step>(p, panel, row, rows, sums);
      }
      return;
    }
    for (size_t row = 0; row < p.rows; row += kTileRows) {
      const size_t begin = tile_begin(row, p.rows);
      const Factors<T> a{p.a + begin * p.depth, p.depth, 1};
      if constexpr (!Step::has_rest) {
        if (panel.lanes == kLanes<T>) {
          full_tile<Step>(p, panel, begin, a, b);
          continue;
        }
      }
      sum_tile<T, kTileRows>(panel, p.depth, a, b, sums);
      finish<Step>(p, panel, row, begin + kTileRows - row,
                   sums + (row - begin) * panel.vectors * kLanes<T>);
    }
  });
}

/// How many rows of a and b a gradient takes at a time: so few that what is packed of b stays in
/// cache.
inline size_t gradient_depth(size_t cols, size_t depth) {
  constexpr size_t most = 512, least = 32, elements = size_t{1} << 18;
  const size_t fitting = cols * most <= elements ? most : elements / cols;
  const size_t block = fitting < least ? least : fitting;
  return depth < block ? depth : block;
}

template <class T>
size_t gradient_room(size_t cols, size_t depth) {
  const size_t vectors = (cols + kLanes<T> - 1) / kLanes<T>;
  return gradient_depth(cols, depth) * (vectors * kLanes<T> + kTileRows) + kLanes<T>;
}

/// Columns row ... row + kTileRows - 1 of a, transposed; padded where a has fewer.
template <class T>
void pack_tile(const T* a, size_t stride, size_t row, size_t rows, size_t depth, T* tile) {
  for (size_t p = 0; p < depth; ++p, a += stride, tile += kTileRows) {
    if (row + kTileRows <= rows) {
      __builtin_memcpy(tile, a + row, kTileRows * sizeof(T));
    } else {
      for (size_t i = 0; i < kTileRows; ++i) tile[i] = row + i < rows ? a[row + i] : T(0);
    }
  }
}

/// c = a' b for a narrow b, as c' = b' a: rows of a are read where they lie, again for a few
/// columns of b at a time.
template <class T>
void narrow_gradient(const DenseProduct<T>& p, size_t a_stride) {
  constexpr size_t lanes = kLanes<T>;
  alignas(kVectorBytes) T sums[kSmallTileRows * kTileVectors * lanes];
  for_each_panel<T>(p.rows, [&](const Panel& panel) {
    const PanelRows<T> a{p.a + panel.first, a_stride, panel.last - panel.first};
    for (size_t col = 0, cols; col < p.cols; col += cols) {
      cols = small_tile_rows(p.cols - col);
      sum_small_tile(cols, panel, p.depth, {p.b + col, 1, p.cols}, a, sums);
      for (size_t i = 0; i < cols * panel.vectors; ++i) {
        T* c = p.c + panel.column<T>(i % panel.vectors) * p.cols + col + i / panel.vectors;
        for (size_t l = 0; l < lanes; ++l) c[l * p.cols] = sums[i * lanes + l];
      }
    }
  });
}

/// One block of rows of a and b; adds to what earlier blocks left in c and the sums if `resumed`.
template <class T>
void gradient_block(const DenseProduct<T>& p, size_t a_stride, T* column_sums, bool resumed) {
  alignas(kVectorBytes) T sums[kTileRows * kTileVectors * kLanes<T>] = {};
  T* packed = aligned(p.room);
  T* end_of_packed = packed;
  for_each_panel<T>(p.cols, [&](const Panel& panel) {
    pack(p.b, p.cols, p.depth, panel, end_of_packed, column_sums,
         resumed && column_sums != nullptr);
    end_of_packed += p.depth * panel.vectors * kLanes<T>;
  });
  T* tile = end_of_packed;
  const bool in_registers = !resumed && p.rows >= kTileRows && p.cols >= kLanes<T>;
  for (size_t row = 0; row < p.rows; row += kTileRows) {
    const size_t begin = tile_begin(row, p.rows);
    const size_t rows = p.rows - row < kTileRows ? p.rows - row : kTileRows;
    pack_tile(p.a, a_stride, begin, p.rows, p.depth, tile);
    const Factors<T> a{tile, 1, kTileRows};
    const T* panel_of_b = packed;
    for_each_panel<T>(p.cols, [&](const Panel& panel) {
      const PanelRows<T> b = packed_rows<T>(panel, panel_of_b);
      panel_of_b += p.depth * b.stride;
      if (in_registers) {
        full_tile<Plain>(p, panel, begin, a, b);
        return;
      }
      T* sums_of_row = sums + (row - begin) * panel.vectors * kLanes<T>;
      if (resumed) {
        fetch(p, panel, row, rows, sums_of_row);
        sum_tile<T, kTileRows, true>(panel, p.depth, a, b, sums);
      } else {
        sum_tile<T, kTileRows>(panel, p.depth, a, b, sums);
      }
      finish<Plain>(p, panel, row, rows, sums_of_row);
    });
  }
}

/// c = a' b for a of shape (depth, rows), and the sums of the columns of b.
template <class T>
void gradient_product(const DenseProduct<T>& p, size_t a_stride, T* column_sums) {
  if (p.cols < kLanes<T> && p.rows >= kLanes<T>) {
    narrow_gradient(p, a_stride);
    if (column_sums != nullptr) kernels::column_sums(p.b, p.depth, p.cols, column_sums);
    return;
  }
  const size_t depth = gradient_depth(p.cols, p.depth);
  for (size_t first = 0; first < p.depth; first += depth) {
    DenseProduct<T> block = p;
    block.a += first * a_stride;
    block.b += first * p.cols;
    block.depth = p.depth - first < depth ? p.depth - first : depth;
    gradient_block(block, a_stride, column_sums, first > 0);
  }
}

}  // namespace
}  // namespace skarma::kernels
