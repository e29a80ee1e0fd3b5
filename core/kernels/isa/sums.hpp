#pragma once

#include <skarma/core/kernels/isa/vectors.hpp>
#include <skarma/core/kernels/kernel_table.hpp>

// Sums that are not worth a tile: dot products and the sums of columns.

namespace skarma::kernels {
namespace {

/// The first n elements at `from`, fewer than a vector has, then zeros.
template <class T>
[[gnu::always_inline]] inline Vector<T> load_some(const T* from, size_t n) {
  alignas(kVectorBytes) T lanes[kLanes<T>] = {};
  for (size_t l = 0; l < n; ++l) lanes[l] = from[l];
  return load(lanes);
}

/// A vector of which only some lanes are in memory; the others are zero.
template <class T>
[[gnu::always_inline]] inline Vector<T> load_part(const T* from, size_t lanes) {
  return lanes == kLanes<T> ? load(from) : load_some(from, lanes);
}

template <class T>
[[gnu::always_inline]] inline void store_part(T* to, Vector<T> v, size_t lanes) {
  if (lanes == kLanes<T>) {
    store(to, v);
    return;
  }
  alignas(kVectorBytes) T all[kLanes<T>];
  store(all, v);
  for (size_t l = 0; l < lanes; ++l) to[l] = all[l];
}

/// to (n) = value(first, lanes) for one vector of elements after another. The last one may overlap
/// the one before, and is computed before `to`, which `value` may read, is written.
template <class T, class Value>
[[gnu::always_inline]] inline void fill(T* to, size_t n, const Value& value) {
  constexpr size_t lanes = kLanes<T>;
  if (n < lanes) {
    store_part(to, value(0, n), n);
    return;
  }
  const Vector<T> last = value(n - lanes, lanes);
  for (size_t j = 0; j + lanes < n; j += lanes) store(to + j, value(j, lanes));
  store(to + n - lanes, last);
}

/// The first n lanes, then zeros.
template <class T>
[[gnu::always_inline]] inline Vector<T> first_lanes(Vector<T> v, size_t n) {
  Vector<T> number;
  for (size_t l = 0; l < kLanes<T>; ++l) number[l] = static_cast<T>(l);
  return number < static_cast<T>(n) ? v : Vector<T>{};
}

/// sums[k] = rows[k]' b lane by lane, for some rows of a matrix at once.
template <size_t rows, class T>
[[gnu::always_inline]] inline void lane_sums(Strided<const T> a, const T* b, size_t n,
                                             Vector<T> (&sums)[rows]) {
  size_t j = 0;
  for (; j + kLanes<T> <= n; j += kLanes<T>) {
    const Vector<T> of_b = load(b + j);
#pragma GCC unroll 16
    for (size_t k = 0; k < rows; ++k) sums[k] += load(a.row(k) + j) * of_b;
  }
  if (j == n) return;
  const Vector<T> of_b = load_some(b + j, n - j);
  const bool padded = a.stride >= vectors_of<T>(n) * kLanes<T>;
#pragma GCC unroll 16
  for (size_t k = 0; k < rows; ++k) {
    const T* rest = a.row(k) + j;
    sums[k] += (padded ? first_lanes<T>(load(rest), n - j) : load_some(rest, n - j)) * of_b;
  }
}

/// use(i, a_i' b) for all rows of a, shape (rows, n). As many rows as a vector has lanes are done
/// at once, whose sums over the lanes are then a vector; the others' add up in the same order.
template <class T, class Use>
[[gnu::always_inline]] inline void for_each_dot(Strided<const T> a, size_t rows, const T* b,
                                                size_t n, const Use& use) {
  constexpr size_t lanes = kLanes<T>;
  size_t i = 0;
  for (; i + lanes <= rows; i += lanes) {
    Vector<T> sums[lanes] = {};
    lane_sums<lanes, T>({a.row(i), a.stride}, b, n, sums);
    transpose<T>(sums);
#pragma GCC unroll 4
    for (size_t half = lanes / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
      for (size_t l = 0; l < half; ++l) sums[l] += sums[l + half];
    }
    alignas(kVectorBytes) T dots[lanes];
    store(dots, sums[0]);
    for (size_t k = 0; k < lanes; ++k) use(i + k, dots[k]);
  }
  for (; i < rows; ++i) {
    Vector<T> sum[1] = {};
    lane_sums<1, T>({a.row(i), a.stride}, b, n, sum);
    use(i, sum_of_lanes<T>(sum[0]));
  }
}

/// The sums of `vectors` neighbouring vectors of columns.
template <size_t vectors, class T>
void sum_columns(Strided<const T> matrix, size_t rows, T* sums) {
  constexpr size_t lanes = kLanes<T>;
  Vector<T> sum[vectors] = {};
  for (size_t i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) sum[v] += load(matrix.row(i) + v * lanes);
  }
#pragma GCC unroll 4
  for (size_t v = 0; v < vectors; ++v) store(sums + v * lanes, sum[v]);
}

/// sums (units) = the sums of the columns, each in the order of the rows but for a single one. The
/// last vector may overlap the one before.
template <class T>
void column_sums(Strided<const T> matrix, size_t rows, size_t units, T* sums) {
  constexpr size_t lanes = kLanes<T>, four = 4 * lanes;
  if (units == 1) {
    T sum = T(0);
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < rows; ++i) sum += matrix.data[i * matrix.stride];
    sums[0] = sum;
    return;
  }
  size_t j = 0;
  for (; j + four <= units; j += four) {
    sum_columns<4, T>({matrix.data + j, matrix.stride}, rows, sums + j);
  }
  for (; j < units && units >= lanes; j += lanes) {
    j = j + lanes < units ? j : units - lanes;
    sum_columns<1, T>({matrix.data + j, matrix.stride}, rows, sums + j);
  }
  if (units >= lanes) return;
  for (j = 0; j < units; ++j) sums[j] = T(0);
  for (size_t i = 0; i < rows; ++i) {
    for (j = 0; j < units; ++j) sums[j] += matrix.row(i)[j];
  }
}

}  // namespace
}  // namespace skarma::kernels
