#pragma once

#include <cstddef>
#include <cstdint>

#include <skarma/core/kernels/kernel_table.hpp>

// Products of a dense layer, in tiles of c that stay in registers while their sums run. An element
// of c is one chain of multiply-adds in the order of the depth, whichever tile it is in: cutting c
// changes no bit. b is copied panel by panel into vectors that lie as the sums read them.

namespace skarma::kernels {
namespace {

using std::size_t;

constexpr size_t kSmallTileRows = 4;
#if defined(__AVX512F__)
constexpr size_t kVectorBytes = 64, kTileRows = 8, kTileVectors = 3;
#elif defined(__AVX2__)
constexpr size_t kVectorBytes = 32, kTileRows = 6, kTileVectors = 2;
#else
constexpr size_t kVectorBytes = 16, kTileRows = 6, kTileVectors = 2;
#endif

template <class T>
constexpr size_t kLanes = kVectorBytes / sizeof(T);

template <class T>
struct VectorOf {
  typedef T Aligned __attribute__((vector_size(kVectorBytes)));
  typedef T Loose __attribute__((vector_size(kVectorBytes), aligned(alignof(T)), may_alias));
};
template <class T>
using Vector = typename VectorOf<T>::Aligned;

template <class T>
[[gnu::always_inline]] inline Vector<T> load(const T* from) {
  return *reinterpret_cast<const typename VectorOf<T>::Loose*>(from);
}

template <class T>
[[gnu::always_inline]] inline void store(T* to, Vector<T> v) {
  *reinterpret_cast<typename VectorOf<T>::Loose*>(to) = v;
}

// ---- panels -----------------------------------------------------------------------------------

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

/// Copies a panel of b from its transpose, where a column of b is contiguous.
template <class T>
void pack_transposed(const T* b, size_t stride, size_t depth, const Panel& panel, T* packed) {
  constexpr size_t lanes = kLanes<T>;
  for (size_t v = 0; v < panel.vectors; ++v) {
    const T* from = b + panel.column<T>(v) * stride;
    for (size_t p = 0; p < depth; ++p) {
      T* to = packed + (p * panel.vectors + v) * lanes;
      for (size_t l = 0; l < lanes; ++l) to[l] = l < panel.lanes ? from[l * stride + p] : T(0);
    }
  }
}

// ---- tiles ------------------------------------------------------------------------------------

/// The factors of some rows of c: a(i, p) = data[i row_step + p depth_step].
template <class T>
struct Factors {
  const T* data;
  size_t row_step;
  size_t depth_step;
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
template <class T, size_t rows, size_t vectors>
[[gnu::always_inline]] inline void accumulate(size_t depth, Factors<T> a, PanelRows<T> b,
                                              Vector<T> (&sum)[rows][vectors]) {
  constexpr size_t lanes = kLanes<T>;
#pragma GCC unroll 4
  for (size_t p = 0; p < depth; ++p, a.data += a.depth_step, b.data += b.stride) {
    Vector<T> row_of_b[vectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) {
      row_of_b[v] = load(b.data + (v + 1 < vectors ? v * lanes : b.last));
    }
#pragma GCC unroll 8
    for (size_t i = 0; i < rows; ++i) {
      const T factor = a.data[i * a.row_step];
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) sum[i][v] += factor * row_of_b[v];
    }
  }
}

/// sums (rows, vectors) = a b for a tile. Goes on from what is in `sums` if they are `resumed`.
template <class T, size_t rows, size_t vectors, bool resumed>
void sum_tile(size_t depth, Factors<T> a, PanelRows<T> b, T* sums) {
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

template <class T, size_t rows, bool resumed = false>
void sum_tile(const Panel& panel, size_t depth, Factors<T> a, PanelRows<T> b, T* sums) {
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

template <class T>
void sum_small_tile(size_t rows, const Panel& panel, size_t depth, Factors<T> a, PanelRows<T> b,
                    T* sums) {
  if (rows == 1) {
    sum_tile<T, 1>(panel, depth, a, b, sums);
  } else {
    sum_tile<T, kSmallTileRows>(panel, depth, a, b, sums);
  }
}

/// Where the tile begins that writes rows from `row` on: the last one is moved up to end with c,
/// unless c has fewer rows than a tile.
inline size_t tile_begin(size_t row, size_t rows) {
  if (row + kTileRows <= rows) return row;
  return rows < kTileRows ? 0 : rows - kTileRows;
}

/// What becomes of a sum on its way into c: it is joined with a number `beside` it, vector by
/// vector; what has a `rest` goes through memory again, where a long loop does it.
struct Plain {
  static constexpr bool has_rest = false;
  template <class T>
  static const T* beside(const DenseProduct<T>& p, size_t row, size_t col) {
    return p.c + row * p.cols + col;
  }
  template <class T>
  static size_t beside_stride(const DenseProduct<T>& p) {
    return p.cols;
  }
  template <class T>
  [[gnu::always_inline]] static T join(T sum, T) {
    return sum;
  }
  template <class T>
  [[gnu::always_inline]] static T rest(T joined) {
    return joined;
  }
};

template <class A>
struct Activated {
  static constexpr bool has_rest = !A::value_takes_vectors;
  template <class T>
  static const T* beside(const DenseProduct<T>& p, size_t, size_t col) {
    return p.beside + col;
  }
  template <class T>
  static size_t beside_stride(const DenseProduct<T>&) {
    return 0;
  }
  template <class T>
  [[gnu::always_inline]] static T join(T sum, T bias) {
    if constexpr (has_rest) {
      return sum + bias;
    } else {
      return A::value(sum + bias);
    }
  }
  template <class T>
  [[gnu::always_inline]] static T rest(T joined) {
    if constexpr (has_rest) {
      return A::value(joined);
    } else {
      return joined;
    }
  }
};

template <class A>
struct Derived {
  static constexpr bool has_rest = false;
  template <class T>
  static const T* beside(const DenseProduct<T>& p, size_t row, size_t col) {
    return p.beside + row * p.cols + col;
  }
  template <class T>
  static size_t beside_stride(const DenseProduct<T>& p) {
    return p.cols;
  }
  template <class T>
  [[gnu::always_inline]] static T join(T sum, T activation) {
    return A::derivative(sum, activation);
  }
  template <class T>
  [[gnu::always_inline]] static T rest(T joined) {
    return joined;
  }
};

/// A full tile of c from row `row` on, its sums never in memory.
template <class Step, size_t vectors, class T>
void finish_in_registers(const DenseProduct<T>& p, const Panel& panel, size_t row, Factors<T> a,
                         PanelRows<T> b) {
  Vector<T> sum[kTileRows][vectors] = {};
  accumulate<T>(p.depth, a, b, sum);
#pragma GCC unroll 4
  for (size_t v = 0; v < vectors; ++v) {
    T* c = p.c + row * p.cols + panel.column<T>(v, vectors);
    const T* beside = Step::beside(p, row, panel.column<T>(v, vectors));
    const size_t next_beside = Step::beside_stride(p);
#pragma GCC unroll 8
    for (size_t i = 0; i < kTileRows; ++i, c += p.cols, beside += next_beside) {
      store(c, Step::join(sum[i][v], load(beside)));
    }
  }
}

template <class Step, class T>
void full_tile(const DenseProduct<T>& p, const Panel& panel, size_t row, Factors<T> a,
               PanelRows<T> b) {
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

/// Rows row ... row + rows - 1 of a panel of c, from their sums, which are used up.
template <class Step, class T>
void finish(const DenseProduct<T>& p, const Panel& panel, size_t row, size_t rows, T* sums) {
  constexpr size_t lanes = kLanes<T>;
  if (panel.lanes < lanes) {
    for_each_vector(panel, row, rows, sums, [&](const T* sum, size_t i, size_t col) {
      const T* beside = Step::beside(p, i, col);
      T* c = p.c + i * p.cols + col;
      for (size_t l = 0; l < panel.lanes; ++l) c[l] = Step::rest(Step::join(sum[l], beside[l]));
    });
    return;
  }
  for_each_vector(panel, row, rows, sums, [&](T* sum, size_t i, size_t col) {
    store(sum, Step::join(load(sum), load(Step::beside(p, i, col))));
  });
  if constexpr (Step::has_rest) {
    const size_t n = rows * panel.vectors * lanes;
#pragma omp simd
    for (size_t k = 0; k < n; ++k) sums[k] = Step::rest(sums[k]);
  }
  for_each_vector(panel, row, rows, sums, [&](const T* sum, size_t i, size_t col) {
    store(p.c + i * p.cols + col, load(sum));
  });
}

// ---- products ---------------------------------------------------------------------------------

/// The next address in `room` that a vector may lie at.
template <class T>
T* aligned(T* room) {
  const auto address = reinterpret_cast<std::uintptr_t>(room);
  return room + (kVectorBytes - address % kVectorBytes) % kVectorBytes / sizeof(T);
}

template <class T>
size_t panel_size(size_t depth) {
  return depth * kTileVectors * kLanes<T>;
}

template <class T>
size_t product_room(size_t depth) {
  return panel_size<T>(depth) + kLanes<T>;
}

/// The lanes' sum: halves onto each other until one is left.
template <class T>
[[gnu::always_inline]] inline T sum_of_lanes(Vector<T> v) {
  alignas(kVectorBytes) T lanes[kLanes<T>];
  store(lanes, v);
#pragma GCC unroll 4
  for (size_t half = kLanes<T> / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
    for (size_t l = 0; l < half; ++l) lanes[l] += lanes[l + half];
  }
  return lanes[0];
}

/// a' b, in as many sums as hide the latency of an addition.
template <class T>
T dot(const T* a, const T* b, size_t n) {
  constexpr size_t lanes = kLanes<T>, chains = 2;
  Vector<T> sum[chains] = {};
  size_t i = 0;
  for (; i + chains * lanes <= n; i += chains * lanes) {
#pragma GCC unroll 4
    for (size_t k = 0; k < chains; ++k) sum[k] += load(a + i + k * lanes) * load(b + i + k * lanes);
  }
  for (; i + lanes <= n; i += lanes) sum[0] += load(a + i) * load(b + i);
  sum[0] += sum[1];
  T total = sum_of_lanes<T>(sum[0]);
  for (; i < n; ++i) total += a[i] * b[i];
  return total;
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

/// The sums so far of a tile of c, as sum_tile takes them.
template <class T>
void fetch(const DenseProduct<T>& p, const Panel& panel, size_t row, size_t rows, T* sums) {
  for (size_t i = row; i < row + rows; ++i) {
    for (size_t v = 0; v < panel.vectors; ++v, sums += kLanes<T>) {
      const T* c = p.c + i * p.cols + panel.column<T>(v);
      for (size_t l = 0; l < panel.lanes; ++l) sums[l] = c[l];
    }
  }
}

/// The same for a narrow b, as c' = b' a: rows of a are read where they lie, again for a few
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

template <class T>
void column_sums(const T* matrix, size_t rows, size_t units, T* sums) {
  if (units == 1) {
    T sum = T(0);
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < rows; ++i) sum += matrix[i];
    sums[0] = sum;
    return;
  }
  for (size_t j = 0; j < units; ++j) sums[j] = T(0);
  for (size_t i = 0; i < rows; ++i, matrix += units) {
#pragma omp simd
    for (size_t j = 0; j < units; ++j) sums[j] += matrix[j];
  }
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
