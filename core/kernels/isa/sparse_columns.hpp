#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <skarma/core/kernels/isa/unit_panels.hpp>
#include <skarma/core/kernels/kernel_table.hpp>

// What is not zero in dense rows, and the products of a batch by columns. Their loops go through
// the columns in their order and through the rows within, so that an element of a result has the
// very chain of multiply-adds that a dense product gives it, without the zeros.

namespace skarma::kernels {
namespace {

/// How many vectors of units stay in registers, for each column of a block.
#if defined(__AVX512F__)
constexpr size_t kSparseVectors = 4;
#else
constexpr size_t kSparseVectors = 3;
#endif

// ---- what is not zero --------------------------------------------------------------------------

constexpr size_t kMaskBits = 64;

#if defined(__AVX2__)
[[gnu::always_inline]] inline unsigned nonzero_bits(const float* x) {
  return static_cast<unsigned>(
      _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(x), _mm256_setzero_ps(), _CMP_NEQ_UQ)));
}
[[gnu::always_inline]] inline unsigned nonzero_bits(const double* x) {
  return static_cast<unsigned>(
      _mm256_movemask_pd(_mm256_cmp_pd(_mm256_loadu_pd(x), _mm256_setzero_pd(), _CMP_NEQ_UQ)));
}
constexpr size_t kMaskedBytes = 32;
#elif defined(__x86_64__)
[[gnu::always_inline]] inline unsigned nonzero_bits(const float* x) {
  return static_cast<unsigned>(_mm_movemask_ps(_mm_cmpneq_ps(_mm_loadu_ps(x), _mm_setzero_ps())));
}
[[gnu::always_inline]] inline unsigned nonzero_bits(const double* x) {
  return static_cast<unsigned>(_mm_movemask_pd(_mm_cmpneq_pd(_mm_loadu_pd(x), _mm_setzero_pd())));
}
constexpr size_t kMaskedBytes = 16;
#endif

/// Bit l is set if x[l] is not zero.
template <class T>
[[gnu::always_inline]] inline std::uint64_t nonzero_mask(const T* x) {
  std::uint64_t mask = 0;
#if defined(__x86_64__)
  constexpr size_t step = kMaskedBytes / sizeof(T);
#pragma GCC unroll 32
  for (size_t l = 0; l < kMaskBits; l += step) {
    mask |= static_cast<std::uint64_t>(nonzero_bits(x + l)) << l;
  }
#else
  for (size_t l = 0; l < kMaskBits; ++l) mask |= std::uint64_t{x[l] != T(0)} << l;
#endif
  return mask;
}

/// Calls use(values, column, mask) for one run of kMaskBits elements of a row after another; the
/// last is filled up with zeros.
template <class T, class Use>
[[gnu::always_inline]] inline void for_each_mask(const T* row, size_t first, size_t end,
                                                 const T* next, const Use& use) {
  constexpr size_t line = 64 / sizeof(T);
  size_t j = first;
  for (; j + kMaskBits <= end; j += kMaskBits) {
#pragma GCC unroll 8
    for (size_t l = 0; l < kMaskBits; l += line) __builtin_prefetch(next + j + l);
    use(row + j, j, nonzero_mask(row + j));
  }
  if (j == end) return;
  T rest[kMaskBits] = {};
  __builtin_memcpy(rest, row + j, (end - j) * sizeof(T));
  use(rest, j, nonzero_mask(rest));
}

template <class T>
size_t nonzero_entries(const T* row, size_t n, const T* next, T* values, std::int32_t* columns) {
  size_t count = 0;
  for_each_mask(row, 0, n, next, [&](const T* x, size_t column, std::uint64_t open) {
    for (; open != 0; open &= open - 1, ++count) {
      const auto l = static_cast<size_t>(__builtin_ctzll(open));
      values[count] = x[l];
      columns[count] = static_cast<std::int32_t>(column + l);
    }
  });
  return count;
}

/// The lowest bit of each block of columns: whether any bit of it is set.
[[gnu::always_inline]] inline std::uint64_t blocks_of(std::uint64_t mask) {
  static_assert(kColumnBlock == 4);
  mask |= mask >> 1;
  mask |= mask >> 2;
  return mask & 0x1111111111111111u;
}

template <class T>
void append_blocks(const DenseRows<T>& rows, size_t n_rows, size_t first, size_t end,
                   const ColumnRoom<T>& to) {
  for (size_t i = 0; i < n_rows; ++i) {
    const T* next = rows.row(i + 1 < n_rows ? i + 1 : i);
    for_each_mask(
        rows.row(i), first, end, next, [&](const T* x, size_t column, std::uint64_t mask) {
          for (auto open = blocks_of(mask); open != 0; open &= open - 1) {
            const auto l = static_cast<size_t>(__builtin_ctzll(open));
            const auto entry = static_cast<size_t>(to.ends[(column + l) / kColumnBlock]++);
            __builtin_memcpy(to.values + entry * kColumnBlock, x + l, kColumnBlock * sizeof(T));
            to.rows[entry] = static_cast<std::int32_t>(i);
          }
        });
  }
}

// ---- products ---------------------------------------------------------------------------------

template <class T>
size_t columns_room(size_t rows) {
  return (rows * kSparseVectors + 1) * kLanes<T>;
}

/// The columns of block `block` that exist.
template <size_t width, class T>
size_t columns_of(const SparseColumns<T>& x, size_t block) {
  const size_t rest = x.n_columns - block * width;
  return rest < width ? rest : width;
}

/// A panel of z = x w: the weights of a block of columns stay in registers.
template <size_t width, size_t vectors, class T>
void columns_product_panel(const SparseColumns<T>& x, const T* w, size_t units, const Panel& panel,
                           Strided<T> z, T* sums) {
  constexpr size_t lanes = kLanes<T>, stride = vectors * lanes;
  for (size_t k = 0; k < x.n_rows * stride; k += lanes) store(sums + k, Vector<T>{});
  const size_t n_blocks = (x.n_columns + width - 1) / width;
  for (size_t block = 0; block < n_blocks; ++block) {
    const auto begin = static_cast<size_t>(x.begins[block]);
    const auto end = static_cast<size_t>(x.ends[block]);
    if (begin == end) continue;
    const size_t columns = columns_of<width>(x, block);
    Vector<T> weights[width][vectors];
#pragma GCC unroll 4
    for (size_t c = 0; c < width; ++c) {
      const T* row = w + (block * width + (c < columns ? c : 0)) * units;
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) {
        weights[c][v] = load_part(row + panel.column<T>(v, vectors), panel.lanes);
      }
    }
    for (size_t entry = begin; entry < end; ++entry) {
      T* sum = sums + static_cast<size_t>(x.rows[entry]) * stride;
      const T* values = x.values + entry * width;
      Vector<T> s[vectors];
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) s[v] = load(sum + v * lanes);
#pragma GCC unroll 4
      for (size_t c = 0; c < width; ++c) {
        const T value = values[c];
#pragma GCC unroll 4
        for (size_t v = 0; v < vectors; ++v) s[v] += value * weights[c][v];
      }
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) store(sum + v * lanes, s[v]);
    }
  }
  for (size_t i = 0; i < x.n_rows; ++i) {
    for (size_t v = 0; v < vectors; ++v, sums += lanes) {
      store_part(z.row(i) + panel.column<T>(v, vectors), load(sums), panel.lanes);
    }
  }
}

/// A panel of gradient = x' delta: the sums of a block of columns stay in registers.
template <size_t width, size_t vectors, class T>
void columns_gradient_panel(const SparseColumns<T>& x, Strided<const T> delta, size_t units,
                            const Panel& panel, T* gradient, T* packed) {
  constexpr size_t lanes = kLanes<T>, stride = vectors * lanes;
  for (size_t i = 0; i < x.n_rows; ++i) {
    for (size_t v = 0; v < vectors; ++v) {
      store(packed + i * stride + v * lanes,
            load_part(delta.row(i) + panel.column<T>(v, vectors), panel.lanes));
    }
  }
  const size_t n_blocks = (x.n_columns + width - 1) / width;
  for (size_t block = 0; block < n_blocks; ++block) {
    Vector<T> sum[width][vectors] = {};
    for (auto entry = x.begins[block]; entry < x.ends[block]; ++entry) {
      const T* row = packed + static_cast<size_t>(x.rows[entry]) * stride;
      const T* values = x.values + static_cast<size_t>(entry) * width;
      Vector<T> d[vectors];
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) d[v] = load(row + v * lanes);
#pragma GCC unroll 4
      for (size_t c = 0; c < width; ++c) {
        const T value = values[c];
#pragma GCC unroll 4
        for (size_t v = 0; v < vectors; ++v) sum[c][v] += value * d[v];
      }
    }
    const size_t columns = columns_of<width>(x, block);
    T* g = gradient + block * width * units;
#pragma GCC unroll 4
    for (size_t c = 0; c < width; ++c, g += units) {
      if (c == columns) break;
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) {
        store_part(g + panel.column<T>(v, vectors), sum[c][v], panel.lanes);
      }
    }
  }
}

/// Calls use.operator()<width, vectors>() with both as constants.
template <class T, class Use>
[[gnu::always_inline]] inline void with_width_and_vectors(const SparseColumns<T>& x,
                                                          const Panel& panel, const Use& use) {
  with_vectors<kSparseVectors>(panel.vectors, [&]<size_t vectors>() {
    if (x.width == 1) {
      use.template operator()<1, vectors>();
    } else {
      use.template operator()<kColumnBlock, vectors>();
    }
  });
}

template <class T>
void columns_product(const SparseColumns<T>& x, const T* w, size_t all_units, size_t units,
                     Strided<T> z, T* room) {
  T* sums = aligned(room);
  for_each_unit_panel<T, kSparseVectors>(units, [&](const Panel& panel) {
    with_width_and_vectors(x, panel, [&]<size_t width, size_t vectors>() {
      columns_product_panel<width, vectors>(x, w, all_units, panel, z, sums);
    });
  });
}

template <class T>
void columns_gradient(const SparseColumns<T>& x, Strided<const T> delta, size_t units, T* gradient,
                      T* room) {
  T* packed = aligned(room);
  for_each_unit_panel<T, kSparseVectors>(units, [&](const Panel& panel) {
    with_width_and_vectors(x, panel, [&]<size_t width, size_t vectors>() {
      columns_gradient_panel<width, vectors>(x, delta, units, panel, gradient, packed);
    });
  });
}

}  // namespace
}  // namespace skarma::kernels
