#pragma once

#include <utility>

#include <skarma/core/kernels/isa/vectors.hpp>

// The right factor b of a product c = a b, column by column of tiles: copied into vectors that lie
// as the sums of a tile read them.

namespace skarma::kernels {
namespace {

/// A tile of c: so many rows by at most so many vectors, whose sums fill the registers.
#if defined(__AVX512F__)
constexpr size_t kTileRows = 8, kTileVectors = 3, kDepthUnroll = 4;
#else
constexpr size_t kTileRows = 6, kTileVectors = 2, kDepthUnroll = 1;
#endif

/// Some neighbouring columns of c as vectors. The last one may overlap the one before: a column
/// summed twice is the same twice. With fewer columns than lanes the rest is padding.
struct Panel {
  size_t first;    // column of the first vector
  size_t last;     // column of the last vector
  size_t vectors;  // 1 ... kTileVectors
  size_t lanes;    // columns of a vector that exist

  template <class T>
  size_t column(size_t vector) const {
    return column<T>(vector, vectors);
  }
  /// The same where the compiler knows how many vectors there are.
  template <class T>
  [[gnu::always_inline]] size_t column(size_t vector, size_t n_vectors) const {
    return vector + 1 < n_vectors ? first + vector * kLanes<T> : last;
  }
};

/// Calls use(panel) for one panel of the `cols` columns after another. Panels are as wide as a tile
/// can be, the last two alike where one vector would remain.
template <class T, class Use>
[[gnu::always_inline]] inline void for_each_panel(size_t cols, const Use& use) {
  constexpr size_t lanes = kLanes<T>;
  if (cols < lanes) {
    use(Panel{0, 0, 1, cols});
    return;
  }
  size_t open = (cols + lanes - 1) / lanes;
  for (size_t first = 0; open > 0;) {
    size_t vectors = open < kTileVectors ? open : kTileVectors;
    if (kTileVectors > 2 && open == kTileVectors + 1) vectors = kTileVectors - 1;
    open -= vectors;
    const size_t end = open == 0 ? cols : first + vectors * lanes;
    use(Panel{first, end - lanes, vectors, lanes});
    first += vectors * lanes;
  }
}

/// Copies a panel of row-major b. `sums`, where given, get the sums of its columns, after what is
/// there already if they are `resumed`.
template <class T, size_t vectors>
void pack_rows(const T* b, size_t stride, size_t depth, const Panel& panel, T* packed, T* sums,
               bool resumed) {
  constexpr size_t lanes = kLanes<T>;
  Vector<T> sum[vectors] = {};
  if (resumed) {
    for (size_t v = 0; v < vectors; ++v) sum[v] = load(sums + panel.column<T>(v, vectors));
  }
  for (size_t p = 0; p < depth; ++p, b += stride, packed += vectors * lanes) {
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) {
      const Vector<T> values = load(b + panel.column<T>(v, vectors));
      sum[v] += values;
      store(packed + v * lanes, values);
    }
  }
  if (sums == nullptr) return;
  for (size_t v = 0; v < vectors; ++v) store(sums + panel.column<T>(v, vectors), sum[v]);
}

/// The same for a panel that is narrower than a vector.
template <class T>
void pack_narrow_rows(const T* b, size_t stride, size_t depth, size_t cols, T* packed, T* sums,
                      bool resumed) {
  constexpr size_t lanes = kLanes<T>;
  T sum[lanes] = {};
  for (size_t j = 0; resumed && j < cols; ++j) sum[j] = sums[j];
  for (size_t p = 0; p < depth; ++p, b += stride, packed += lanes) {
    for (size_t j = 0; j < lanes; ++j) packed[j] = T(0);
    for (size_t j = 0; j < cols; ++j) packed[j] = b[j];
    for (size_t j = 0; j < cols; ++j) sum[j] += b[j];
  }
  for (size_t j = 0; sums != nullptr && j < cols; ++j) sums[j] = sum[j];
}

template <class T>
void pack(const T* b, size_t stride, size_t depth, const Panel& panel, T* packed, T* sums,
          bool resumed) {
  if (panel.lanes < kLanes<T>) {
    pack_narrow_rows(b, stride, depth, panel.lanes, packed, sums, resumed);
  } else if (panel.vectors == 1) {
    pack_rows<T, 1>(b, stride, depth, panel, packed, sums, resumed);
  } else if (panel.vectors == 2) {
    pack_rows<T, 2>(b, stride, depth, panel, packed, sums, resumed);
  } else if constexpr (kTileVectors > 2) {
    pack_rows<T, 3>(b, stride, depth, panel, packed, sums, resumed);
  }
}

/// Lanes of two vectors, `step` apart, exchanged: what is left of a, then of b. For each lane j the
/// bit `step` of j says which of the two it comes from.
template <class T, size_t step, size_t... j>
[[gnu::always_inline]] inline void exchange(Vector<T>& a, Vector<T>& b, std::index_sequence<j...>) {
  constexpr size_t lanes = sizeof...(j);
  const Vector<T> low = __builtin_shufflevector(a, b, ((j & step) ? lanes + j - step : j)...);
  b = __builtin_shufflevector(a, b, ((j & step) ? lanes + j : j + step)...);
  a = low;
}

/// Transposes as many vectors as they have lanes: blocks of 1, 2, 4 ... elements change places.
template <class T, size_t step = 1>
[[gnu::always_inline]] inline void transpose(Vector<T> (&rows)[kLanes<T>]) {
  if constexpr (step < kLanes<T>) {
#pragma GCC unroll 16
    for (size_t i = 0; i < kLanes<T>; ++i) {
      if ((i & step) != 0) continue;
      exchange<T, step>(rows[i], rows[i + step], std::make_index_sequence<kLanes<T>>{});
    }
    transpose<T, 2 * step>(rows);
  }
}

/// Copies a panel of b from its transpose, where a column of b is contiguous.
template <class T>
void pack_transposed(const T* b, size_t stride, size_t depth, const Panel& panel, T* packed) {
  constexpr size_t lanes = kLanes<T>;
  const size_t next = panel.vectors * lanes;
  for (size_t v = 0; v < panel.vectors; ++v, packed += lanes) {
    const T* from = b + panel.column<T>(v) * stride;
    size_t p = 0;
    for (; panel.lanes == lanes && p + lanes <= depth; p += lanes) {
      Vector<T> rows[lanes];
#pragma GCC unroll 16
      for (size_t l = 0; l < lanes; ++l) rows[l] = load(from + l * stride + p);
      transpose<T>(rows);
#pragma GCC unroll 16
      for (size_t l = 0; l < lanes; ++l) store(packed + (p + l) * next, rows[l]);
    }
    for (; p < depth; ++p) {
      T* to = packed + p * next;
      for (size_t l = 0; l < lanes; ++l) to[l] = l < panel.lanes ? from[l * stride + p] : T(0);
    }
  }
}

}  // namespace
}  // namespace skarma::kernels
