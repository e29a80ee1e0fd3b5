#pragma once

#include <skarma/core/kernels/isa/tiles.hpp>

// Products of a dense layer, in tiles of c that stay in registers while their sums run. An element
// of c is one chain of multiply-adds in the order of the depth, whichever tile it is in: cutting c
// changes no bit.

namespace skarma::kernels {
namespace {

/// The columns that a product computes: with those of the padding where the rows of c end in whole
/// vectors.
template <class T>
size_t computed_columns(const DenseProduct<T>& p) {
  const size_t whole = vectors_of<T>(p.cols) * kLanes<T>;
  return p.c.stride >= whole ? whole : p.cols;
}

/// How many columns of c are computed at a time: so many that what is packed of b for them stays in
/// the first cache, or one panel.
template <class T>
size_t columns_at_once(size_t depth) {
  constexpr size_t resident = 32768, panel = kTileVectors * kLanes<T>;
  const size_t panels = resident / sizeof(T) / panel / (depth + 1);
  return panels < 1 ? panel : panels * panel;
}

/// Room for a padded row beside b and for what is packed of b.
template <class T>
size_t product_room(size_t cols, size_t depth) {
  const size_t width = vectors_of<T>(cols) * kLanes<T>, most = columns_at_once<T>(depth);
  return width + depth * (width < most ? width : most) + kLanes<T>;
}

/// A row of p.cols elements, where more are computed in a copy that ends in zeros.
template <class T>
const T* padded_row(const DenseProduct<T>& p, const T* row, T* copy) {
  const size_t computed = computed_columns(p);
  if (computed == p.cols) return row;
  for (size_t j = 0; j < computed; ++j) copy[j] = j < p.cols ? row[j] : T(0);
  return copy;
}

/// A product with a single column: a dot product for each row.
template <class Step, class T>
void single_column_product(const DenseProduct<T>& p) {
  for_each_dot<T>({p.a.row(0), p.a.stride}, p.rows, p.b.data, p.depth, [&](size_t i, T sum) {
    *p.c.row(i) = Step::join(p, sum, *Step::beside(p, i, 0));
  });
}

/// A product over a single column of a: each element is one multiply-add, onto zero, lest the
/// multiplication become one with what Step adds.
template <class Step, class T>
void outer_product(const DenseProduct<T>& p, const T* row_of_b) {
  const size_t cols = computed_columns(p);
  for (size_t i = 0; i < p.rows; ++i) {
    const T factor = *p.a.row(i);
    const T* beside = Step::beside(p, i, 0);
    fill(p.c.row(i), cols, [&](size_t j, size_t lanes) {
      const Vector<T> sum = Vector<T>{} + factor * load_part(row_of_b + j, lanes);
      return Step::join(p, sum, load_part(beside + j, lanes));
    });
  }
}

/// Columns begin ... end - 1 of a product whose tiles stay in registers to their end, as far as
/// there are full tiles. Returns how many rows that is. Not inlined: in the middle of a whole
/// product GCC 12 runs out of registers for sums and addresses.
template <class Step, class T>
[[gnu::noinline]] size_t product_in_registers(DenseProduct<T> p, size_t begin, size_t end,
                                              const T* packed) {
  size_t row = 0;
  for (; row + kTileRows <= p.rows; row += kTileRows) {
    const T* panel_of_b = packed;
    const RowFactors<T, kTileRows> a(p.a, row);
    for_each_whole_panel<T>(begin, end, [&](const Panel& panel) {
      const PanelRows<T> b = packed_rows<T>(panel, panel_of_b);
      full_tile<Step>(p, panel, row, a, b);
      panel_of_b += p.depth * b.stride;
    });
  }
  return row;
}

/// The rows from `row` on with the sums in memory, where c has fewer rows than a tile or fewer
/// columns than a vector. Writes an element once.
template <class Step, class T>
void product_in_memory(const DenseProduct<T>& p, size_t begin, size_t end, const T* packed,
                       size_t row) {
  alignas(kVectorBytes) T sums[kTileRows * kTileVectors * kLanes<T>];
  const bool small = p.rows < kTileRows;
  for (size_t rows = 0; row < p.rows; row += rows) {
    const size_t first = small ? row : tile_begin(row, p.rows);
    rows = small ? small_tile_rows(p.rows - row) : first + kTileRows - row;
    const T* panel_of_b = packed;
    for_each_panel<T>(begin, end, [&](const Panel& panel) {
      const PanelRows<T> b = packed_rows<T>(panel, panel_of_b);
      const auto factors = [&]<size_t n>() { return RowFactors<T, n>(p.a, first); };
      if (small) {
        sum_small_tile(rows, panel, p.depth, factors, b, sums);
      } else {
        sum_tile<T, kTileRows>(panel, p.depth, factors.template operator()<kTileRows>(), b, sums);
      }
      finish<Step>(p, panel, row, rows, sums + (row - first) * panel.vectors * kLanes<T>);
      panel_of_b += p.depth * b.stride;
    });
  }
}

/// Columns begin ... end - 1 of a product, for which b is packed first.
template <class Step, bool b_transposed, class T>
void product_columns(const DenseProduct<T>& p, size_t begin, size_t end, T* packed) {
  T* to = packed;
  for_each_panel<T>(begin, end, [&](const Panel& panel) {
    if constexpr (b_transposed) {
      pack_transposed(p.b, p.depth, p.cols, panel, to);
    } else {
      pack(p.b, p.depth, p.cols, panel, to);
    }
    to += p.depth * panel.vectors * kLanes<T>;
  });
  const bool whole = end - begin >= kLanes<T>;
  const size_t done = whole ? product_in_registers<Step>(p, begin, end, packed) : 0;
  product_in_memory<Step>(p, begin, end, packed, done);
}

/// c = a b, or c = a b' where b is given as its transpose; then Step.
template <class Step, bool b_transposed, class T>
void product(const DenseProduct<T>& given) {
  if (given.cols == 1) return single_column_product<Step>(given);
  DenseProduct<T> p = given;
  T* room = aligned(p.room);
  if constexpr (Step::beside_is_row) {
    p.beside = padded_row(p, p.beside, room);
    room += vectors_of<T>(p.cols) * kLanes<T>;
  }
  if (p.depth == 1) return outer_product<Step>(p, padded_row(p, p.b.data, room));
  const size_t cols = computed_columns(p), at_once = columns_at_once<T>(p.depth);
  for (size_t begin = 0; begin < cols; begin += at_once) {
    const size_t end = begin + at_once < cols ? begin + at_once : cols;
    product_columns<Step, b_transposed>(p, begin, end, room);
  }
}

/// How many rows of a and b a gradient takes at a time: so few that those of b stay in cache.
inline size_t gradient_depth(size_t cols, size_t depth) {
  constexpr size_t most = 512, least = 32, elements = size_t{1} << 18;
  const size_t fitting = cols * most <= elements ? most : elements / cols;
  const size_t block = fitting < least ? least : fitting;
  return depth < block ? depth : block;
}

/// Room for a tile's columns of a.
template <class T>
size_t gradient_room(size_t cols, size_t depth) {
  return gradient_depth(cols, depth) * kTileRows + kLanes<T>;
}

/// Calls use(row) with the way to a row of a, for loops that look once which way that is.
template <class T, class Use>
[[gnu::always_inline]] inline void with_rows(const DenseRows<T>& a, const Use& use) {
  if (a.starts == nullptr) {
    use([first = a.first + a.column, stride = a.stride](size_t i) { return first + i * stride; });
  } else {
    use([starts = a.starts, column = a.column](size_t i) { return starts[i] + column; });
  }
}

/// Columns row ... row + kTileRows - 1 of a, shape (depth, rows), side by side; zeros where a has
/// fewer.
template <class T>
void pack_tile(const DenseRows<T>& a, size_t row, size_t rows, size_t depth, T* tile) {
  const bool is_full = row + kTileRows <= rows;
  with_rows(a, [=](const auto& row_of_a) {
    for (size_t p = 0; p < depth; ++p) {
      const T* from = row_of_a(p) + row;
      T* to = tile + p * kTileRows;
      if (is_full) {
        __builtin_memcpy(to, from, kTileRows * sizeof(T));
      } else {
        for (size_t i = 0; i < kTileRows; ++i) to[i] = row + i < rows ? from[i] : T(0);
      }
    }
  });
}

/// c = a' b for a narrow b, as c' = b' a: rows of a are read where they lie, again for a few
/// columns of b at a time.
template <class T>
void narrow_gradient(const DenseProduct<T>& p) {
  constexpr size_t lanes = kLanes<T>;
  alignas(kVectorBytes) T sums[kSmallTileRows * kTileVectors * lanes];
  for_each_panel<T>(0, p.rows, [&](const Panel& panel) {
    const PanelRows<T> a{p.a.row(0) + panel.first, p.a.stride, panel.last - panel.first};
    for (size_t col = 0, cols; col < p.cols; col += cols) {
      cols = small_tile_rows(p.cols - col);
      const auto factors = [&]<size_t>() { return ColumnFactors<T>{p.b.data + col, p.b.stride}; };
      sum_small_tile(cols, panel, p.depth, factors, a, sums);
      for (size_t i = 0; i < cols * panel.vectors; ++i) {
        const size_t row = panel.column<T>(i % panel.vectors);
        for (size_t l = 0; l < lanes; ++l) {
          p.c.row(row + l)[col + i / panel.vectors] = sums[i * lanes + l];
        }
      }
    }
  });
}

/// c = a' b for what is left: a narrow b whose rows are not padded, and an a that narrow_gradient
/// does not take.
template <class T>
void tiny_gradient(const DenseProduct<T>& p) {
  for (size_t i = 0; i < p.rows; ++i) {
    for (size_t j = 0; j < p.cols; ++j) p.c.row(i)[j] = T(0);
  }
  for (size_t d = 0; d < p.depth; ++d) {
    const T* row_of_a = p.a.row(d);
    const T* row_of_b = p.b.row(d);
    for (size_t i = 0; i < p.rows; ++i) {
      T* c = p.c.row(i);
      for (size_t j = 0; j < p.cols; ++j) c[j] += row_of_a[i] * row_of_b[j];
    }
  }
}

/// One block of rows of a and b; adds to what earlier blocks left in c if `resumed`.
template <class T>
void gradient_block(const DenseProduct<T>& p, bool resumed) {
  alignas(kVectorBytes) T sums[kTileRows * kTileVectors * kLanes<T>] = {};
  T* tile = aligned(p.room);
  const bool in_registers = !resumed && p.rows >= kTileRows && p.cols >= kLanes<T>;
  for (size_t row = 0; row < p.rows; row += kTileRows) {
    const size_t begin = tile_begin(row, p.rows);
    const size_t rows = p.rows - row < kTileRows ? p.rows - row : kTileRows;
    pack_tile(p.a, begin, p.rows, p.depth, tile);
    const ColumnFactors<T> a{tile, kTileRows};
    for_each_panel<T>(0, p.cols, [&](const Panel& panel) {
      const PanelRows<T> b{p.b.data + panel.first, p.b.stride, panel.last - panel.first};
      if (in_registers) {
        full_tile<Plain>(p, panel, begin, a, b);
        return;
      }
      T* sums_of_row = sums + (row - begin) * panel.vectors * kLanes<T>;
      if (resumed) {
        fetch(p, panel, row, rows, sums_of_row);
        sum_tile<T, kTileRows, true>(panel, p.depth, a, b, sums);
        put_back(p, panel, row, rows, sums_of_row);
      } else {
        sum_tile<T, kTileRows>(panel, p.depth, a, b, sums);
        finish<Plain>(p, panel, row, rows, sums_of_row);
      }
    });
  }
}

/// c = a' b for a of shape (depth, rows).
template <class T>
void gradient_product(const DenseProduct<T>& p) {
  constexpr size_t lanes = kLanes<T>;
  if (p.cols < lanes && p.rows >= lanes && p.a.starts == nullptr) return narrow_gradient(p);
  if (p.cols < lanes && p.b.stride < lanes) return tiny_gradient(p);
  const size_t depth = gradient_depth(p.cols, p.depth);
  for (size_t first = 0; first < p.depth; first += depth) {
    DenseProduct<T> block = p;
    block.a = p.a.from_row(first);
    block.b.data = p.b.row(first);
    block.depth = p.depth - first < depth ? p.depth - first : depth;
    gradient_block(block, first > 0);
  }
}

}  // namespace
}  // namespace skarma::kernels
