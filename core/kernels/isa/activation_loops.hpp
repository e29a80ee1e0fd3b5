#pragma once

#include <skarma/core/kernels/isa/activations.hpp>
#include <skarma/core/kernels/isa/sums.hpp>

// Activations and their derivatives over matrices.

namespace skarma::kernels {
namespace {

template <class T>
void add_bias(T* z, const T* bias, size_t rows, size_t units) {
  for (size_t i = 0; i < rows; ++i, z += units) {
#pragma omp simd
    for (size_t j = 0; j < units; ++j) z[j] += bias[j];
  }
}

/// z[k] = f(z[k]) for k < n, f being one of vectors.
template <class T, class F>
[[gnu::always_inline]] inline void apply(T* z, size_t n, const F& f) {
  fill(z, n, [&](size_t k, size_t lanes) { return f(load_part(z + k, lanes)); });
}

/// Short rows get their bias first, so that the loop over the activation can be long.
template <class A, class T>
void bias_activate(Strided<T> matrix, const T* bias, size_t rows, size_t units, T number) {
  constexpr size_t short_row = 32;
  T* z = matrix.data;
  if (units < short_row && matrix.stride == units) {
    add_bias(z, bias, rows, units);
    apply(z, rows * units, [=](Vector<T> v) { return value_of<A>(v, number); });
    return;
  }
  for (size_t i = 0; i < rows; ++i, z += matrix.stride) {
    fill(z, units, [&](size_t j, size_t lanes) {
      return value_of<A>(load_part(z + j, lanes) + load_part(bias + j, lanes), number);
    });
  }
}

template <class A, class T>
void activate(Strided<const T> z, Strided<T> a, size_t rows, size_t units, T number) {
  for (size_t i = 0; i < rows; ++i) {
    const T* from = z.row(i);
    fill(a.row(i), units,
         [&](size_t j, size_t lanes) { return value_of<A>(load_part(from + j, lanes), number); });
  }
}

template <class A, class T>
void mask(Strided<const T> delta, Strided<T> a, size_t rows, size_t units, T number) {
  for (size_t i = 0; i < rows; ++i) {
    const T* d = delta.row(i);
    T* through = a.row(i);
    if constexpr (A::through_input) {  // a slope is a call, which only vectors are worth
      fill(through, units, [&](size_t j, size_t lanes) {
        return derivative_of<A>(load_part(d + j, lanes), load_part(through + j, lanes), number);
      });
    } else {
#pragma omp simd
      for (size_t j = 0; j < units; ++j) through[j] = derivative_of<A>(d[j], through[j], number);
    }
  }
}

}  // namespace
}  // namespace skarma::kernels
