#pragma once

#include <skarma/core/kernels/isa/panels.hpp>

// Tiles of a product c = a b: their sums, and the way of the sums into c.

namespace skarma::kernels {
namespace {

constexpr size_t kSmallTileRows = 4;

/// The factors of some rows of c, one step of the depth after another: from columns of a matrix,
/// where they lie side by side.
template <class T>
struct ColumnFactors {
  const T* data;
  size_t stride;

  [[gnu::always_inline]] T operator[](size_t i) const { return data[i]; }
  [[gnu::always_inline]] void advance() { data += stride; }
};

/// The same from rows that lie anywhere.
template <class T, size_t n_rows>
struct RowFactors {
  const T* rows[n_rows];
  size_t column = 0;

  RowFactors(const DenseRows<T>& a, size_t first) {
#pragma GCC unroll 8
    for (size_t i = 0; i < n_rows; ++i) rows[i] = a.row(first + i);
  }
  [[gnu::always_inline]] T operator[](size_t i) const { return rows[i][column]; }
  [[gnu::always_inline]] void advance() { ++column; }
};

/// A panel of b as a tile reads it: rows `stride` elements apart, the last vector at `last`.
template <class T>
struct PanelRows {
  const T* data;
  size_t stride;
  size_t last;
};

template <class T>
PanelRows<T> packed_rows(const Panel& panel, const T* packed) {
  return {packed, panel.vectors * kLanes<T>, (panel.vectors - 1) * kLanes<T>};
}

/// sum += a b for a tile.
template <class T, size_t rows, size_t vectors, class A>
[[gnu::always_inline]] inline void accumulate(size_t depth, A a, PanelRows<T> b,
                                              Vector<T> (&sum)[rows][vectors]) {
  constexpr size_t lanes = kLanes<T>;
#pragma GCC unroll kDepthUnroll
  for (size_t p = 0; p < depth; ++p, a.advance(), b.data += b.stride) {
    Vector<T> row_of_b[vectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) {
      row_of_b[v] = load(b.data + (v + 1 < vectors ? v * lanes : b.last));
    }
#pragma GCC unroll 8
    for (size_t i = 0; i < rows; ++i) {
      const T factor = a[i];
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) sum[i][v] += factor * row_of_b[v];
    }
  }
}

/// sums (rows, vectors) = a b for a tile. Goes on from what is in `sums` if they are `resumed`.
template <class T, size_t rows, size_t vectors, bool resumed, class A>
void sum_tile(size_t depth, const A& a, PanelRows<T> b, T* sums) {
  constexpr size_t lanes = kLanes<T>;
  Vector<T> sum[rows][vectors];
#pragma GCC unroll 8
  for (size_t i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) {
      sum[i][v] = resumed ? load(sums + (i * vectors + v) * lanes) : Vector<T>{};
    }
  }
  accumulate<T>(depth, a, b, sum);
#pragma GCC unroll 8
  for (size_t i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) store(sums + (i * vectors + v) * lanes, sum[i][v]);
  }
}

template <class T, size_t rows, bool resumed = false, class A>
void sum_tile(const Panel& panel, size_t depth, const A& a, PanelRows<T> b, T* sums) {
  if (panel.vectors == 1) {
    sum_tile<T, rows, 1, resumed>(depth, a, b, sums);
  } else if (panel.vectors == 2) {
    sum_tile<T, rows, 2, resumed>(depth, a, b, sums);
  } else if constexpr (kTileVectors > 2) {
    sum_tile<T, rows, 3, resumed>(depth, a, b, sums);
  }
}

/// How many of `open` rows a tile takes where they are fewer than a full one.
inline size_t small_tile_rows(size_t open) { return open < kSmallTileRows ? 1 : kSmallTileRows; }

/// factors.template operator()<n>(): the factors of n rows of c.
template <class T, class A>
void sum_small_tile(size_t rows, const Panel& panel, size_t depth, const A& factors, PanelRows<T> b,
                    T* sums) {
  if (rows == 1) {
    sum_tile<T, 1>(panel, depth, factors.template operator()<1>(), b, sums);
  } else {
    sum_tile<T, kSmallTileRows>(panel, depth, factors.template operator()<kSmallTileRows>(), b,
                                sums);
  }
}

/// Where the tile begins that writes rows from `row` on: the last one is moved up to end with c,
/// unless c has fewer rows than a tile.
inline size_t tile_begin(size_t row, size_t rows) {
  if (row + kTileRows <= rows) return row;
  return rows < kTileRows ? 0 : rows - kTileRows;
}

/// What becomes of a sum on its way into c: it is joined with a number `beside` it, vector by
/// vector. Beside all rows there may be the same one.
struct Plain {
  static constexpr bool beside_is_row = false;
  template <class T>
  static const T* beside(const DenseProduct<T>& p, size_t row, size_t col) {
    return p.c.row(row) + col;
  }
  template <class T>
  static size_t beside_stride(const DenseProduct<T>& p) {
    return p.c.stride;
  }
  template <class V, class T>
  [[gnu::always_inline]] static V join(const DenseProduct<T>&, V sum, V) {
    return sum;
  }
};

/// The activation of sum + bias.
template <class A>
struct Activated : Plain {
  static constexpr bool beside_is_row = true;
  template <class T>
  static const T* beside(const DenseProduct<T>& p, size_t, size_t col) {
    return p.beside + col;
  }
  template <class T>
  static size_t beside_stride(const DenseProduct<T>&) {
    return 0;
  }
  template <class V, class T>
  [[gnu::always_inline]] static V join(const DenseProduct<T>& p, V sum, V bias) {
    return value_of<A>(sum + bias, p.number);
  }
};

/// The sum times the derivative at the activation beside it.
template <class A>
struct Derived : Plain {
  template <class T>
  static const T* beside(const DenseProduct<T>& p, size_t row, size_t col) {
    return p.beside + row * p.c.stride + col;
  }
  template <class V, class T>
  [[gnu::always_inline]] static V join(const DenseProduct<T>& p, V sum, V activation) {
    return derivative_of<A>(sum, activation, p.number);
  }
};

/// A full tile of c from row `row` on, its sums never in memory.
template <class Step, size_t vectors, class T, class A>
[[gnu::always_inline]] inline void finish_in_registers(const DenseProduct<T>& p, const Panel& panel,
                                                       size_t row, const A& a, PanelRows<T> b) {
  Vector<T> sum[kTileRows][vectors] = {};
  accumulate<T>(p.depth, a, b, sum);
#pragma GCC unroll 4
  for (size_t v = 0; v < vectors; ++v) {
    T* c = p.c.row(row) + panel.column<T>(v, vectors);
    const T* beside = Step::beside(p, row, panel.column<T>(v, vectors));
    const size_t next_beside = Step::beside_stride(p);
#pragma GCC unroll 8
    for (size_t i = 0; i < kTileRows; ++i, c += p.c.stride, beside += next_beside) {
      store(c, Step::join(p, sum[i][v], load(beside)));
    }
  }
}

template <class Step, class T, class A>
[[gnu::always_inline]] inline void full_tile(const DenseProduct<T>& p, const Panel& panel,
                                             size_t row, const A& a, PanelRows<T> b) {
  if (panel.vectors == 1) {
    finish_in_registers<Step, 1>(p, panel, row, a, b);
  } else if (panel.vectors == 2) {
    finish_in_registers<Step, 2>(p, panel, row, a, b);
  } else if constexpr (kTileVectors > 2) {
    finish_in_registers<Step, 3>(p, panel, row, a, b);
  }
}

/// Calls use(sums, row, col) for each vector of some rows of a tile.
template <class T, class Use>
[[gnu::always_inline]] inline void for_each_vector(const Panel& panel, size_t row, size_t rows,
                                                   T* sums, const Use& use) {
  for (size_t i = row; i < row + rows; ++i) {
    for (size_t v = 0; v < panel.vectors; ++v, sums += kLanes<T>) use(sums, i, panel.column<T>(v));
  }
}

/// Rows row ... row + rows - 1 of a panel of c, from their sums.
template <class Step, class T>
void finish(const DenseProduct<T>& p, const Panel& panel, size_t row, size_t rows, T* sums) {
  for_each_vector(panel, row, rows, sums, [&](const T* sum, size_t i, size_t col) {
    const Vector<T> beside = load_part(Step::beside(p, i, col), panel.lanes);
    store_part(p.c.row(i) + col, Step::join(p, load(sum), beside), panel.lanes);
  });
}

/// The sums so far of some rows of a tile of c, as sum_tile takes them.
template <class T>
void fetch(const DenseProduct<T>& p, const Panel& panel, size_t row, size_t rows, T* sums) {
  for_each_vector(panel, row, rows, sums, [&](T* sum, size_t i, size_t col) {
    for (size_t l = 0; l < panel.lanes; ++l) sum[l] = p.c.row(i)[col + l];
  });
}

/// And back. What the panel before has in common with this one has been summed there.
template <class T>
void put_back(const DenseProduct<T>& p, const Panel& panel, size_t row, size_t rows, T* sums) {
  for_each_vector(panel, row, rows, sums, [&](const T* sum, size_t i, size_t col) {
    const size_t done = col < panel.first ? panel.first - col : 0;
    for (size_t l = done; l < panel.lanes; ++l) p.c.row(i)[col + l] = sum[l];
  });
}

}  // namespace
}  // namespace skarma::kernels
