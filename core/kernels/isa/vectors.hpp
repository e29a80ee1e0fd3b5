#pragma once

#include <cstddef>
#include <cstdint>

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

/// sums (units) = the sums of the columns.
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

}  // namespace
}  // namespace skarma::kernels
