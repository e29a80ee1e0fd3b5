#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

// The compilers' own vector types, as wide as the registers, and what is done with them everywhere.

namespace skarma::kernels {
namespace {

using std::size_t;

#if defined(__AVX512F__)
constexpr size_t kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr size_t kVectorBytes = 32;
#else
constexpr size_t kVectorBytes = 16;
#endif

template <class T>
constexpr size_t kLanes = kVectorBytes / sizeof(T);

/// Aligned: what registers hold. Loose: the same anywhere in memory.
template <class T>
struct VectorOf {
  typedef T Aligned __attribute__((vector_size(kVectorBytes)));
  typedef T Loose __attribute__((vector_size(kVectorBytes), aligned(alignof(T)), may_alias));
};
template <class T>
using Vector = typename VectorOf<T>::Aligned;

/// From and to any address.
template <class T>
[[gnu::always_inline]] inline Vector<T> load(const T* from) {
  return *reinterpret_cast<const typename VectorOf<T>::Loose*>(from);
}

template <class T>
[[gnu::always_inline]] inline void store(T* to, Vector<T> v) {
  *reinterpret_cast<typename VectorOf<T>::Loose*>(to) = v;
}

/// How many vectors hold n elements.
template <class T>
constexpr size_t vectors_of(size_t n) {
  return (n + kLanes<T> - 1) / kLanes<T>;
}

/// The next address in `room` that a vector may lie at.
template <class T>
T* aligned(T* room) {
  const auto address = reinterpret_cast<std::uintptr_t>(room);
  return room + (kVectorBytes - address % kVectorBytes) % kVectorBytes / sizeof(T);
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

}  // namespace
}  // namespace skarma::kernels
