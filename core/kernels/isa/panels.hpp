#pragma once

#include <skarma/core/kernels/isa/sums.hpp>

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
/// summed twice is the same twice.
struct Panel {
  size_t first;    // column of the first vector
  size_t last;     // column of the last vector
  size_t vectors;  // 1 ... kTileVectors
  size_t lanes;    // columns of a vector that c has room for

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

/// Calls use(panel) for one panel of the columns begin ... end - 1 after another, of which there is
/// a vector at least. Panels are as wide as a tile can be, the last two alike where one vector
/// would remain.
template <class T, class Use>
[[gnu::always_inline]] inline void for_each_whole_panel(size_t begin, size_t end, const Use& use) {
  constexpr size_t lanes = kLanes<T>;
  size_t open = vectors_of<T>(end - begin);
  for (size_t first = begin; open > 0;) {
    size_t vectors = open < kTileVectors ? open : kTileVectors;
    if (kTileVectors > 2 && open == kTileVectors + 1) vectors = kTileVectors - 1;
    open -= vectors;
    const size_t next = first + vectors * lanes;
    use(Panel{first, (open == 0 ? end : next) - lanes, vectors, lanes});
    first = next;
  }
}

/// The same for any number of columns.
template <class T, class Use>
[[gnu::always_inline]] inline void for_each_panel(size_t begin, size_t end, const Use& use) {
  if (end - begin < kLanes<T>) {
    use(Panel{begin, begin, 1, end - begin});
  } else {
    for_each_whole_panel<T>(begin, end, use);
  }
}

/// Copies a panel of b, shape (depth, cols); columns that b does not have are zeros.
template <class T, size_t vectors>
void pack_rows(Strided<const T> b, size_t depth, size_t cols, const Panel& panel, T* packed) {
  constexpr size_t lanes = kLanes<T>;
  const size_t in_last = cols - panel.last;
  for (size_t p = 0; p < depth; ++p, packed += vectors * lanes) {
    const T* row = b.row(p);
#pragma GCC unroll 4
    for (size_t v = 0; v + 1 < vectors; ++v) {
      store(packed + v * lanes, load(row + panel.first + v * lanes));
    }
    const T* last = row + panel.last;
    store(packed + (vectors - 1) * lanes, in_last < lanes ? load_some(last, in_last) : load(last));
  }
}

template <class T>
void pack(Strided<const T> b, size_t depth, size_t cols, const Panel& panel, T* packed) {
  if (panel.vectors == 1) {
    pack_rows<T, 1>(b, depth, cols, panel, packed);
  } else if (panel.vectors == 2) {
    pack_rows<T, 2>(b, depth, cols, panel, packed);
  } else if constexpr (kTileVectors > 2) {
    pack_rows<T, 3>(b, depth, cols, panel, packed);
  }
}

/// Copies a panel of b from its transpose, shape (cols, depth), where a column of b is contiguous.
template <class T>
void pack_transposed(Strided<const T> b, size_t depth, size_t cols, const Panel& panel, T* packed) {
  constexpr size_t lanes = kLanes<T>;
  const size_t next = panel.vectors * lanes;
  for (size_t v = 0; v < panel.vectors; ++v, packed += lanes) {
    const size_t column = panel.column<T>(v), there = cols - column;
    const T* from = b.row(column);
    size_t p = 0;
    for (; there >= lanes && p + lanes <= depth; p += lanes) {
      Vector<T> rows[lanes];
#pragma GCC unroll 16
      for (size_t l = 0; l < lanes; ++l) rows[l] = load(from + l * b.stride + p);
      transpose<T>(rows);
#pragma GCC unroll 16
      for (size_t l = 0; l < lanes; ++l) store(packed + (p + l) * next, rows[l]);
    }
    for (; p < depth; ++p) {
      T* to = packed + p * next;
      for (size_t l = 0; l < lanes; ++l) to[l] = l < there ? from[l * b.stride + p] : T(0);
    }
  }
}

}  // namespace
}  // namespace skarma::kernels
