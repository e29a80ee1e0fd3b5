#pragma once

#include <skarma/core/kernels/elementwise_math.hpp>
#include <skarma/core/kernels/isa/vectors.hpp>
#include <skarma/core/kernels/kernel_table.hpp>

// Update rules, each one pass over a run of parameters.

namespace skarma::kernels {
namespace {

/// Calls step(i) for every parameter and sums the squared parameters before it, in short runs of
/// the parameters' own type that are added up in double.
template <class T, class Step>
double update(const UpdateBatch<T>& batch, Step step) {
  constexpr size_t run = 512;
  const T* w = batch.parameters;
  double squares = 0.0;
  for (size_t begin = 0; begin < batch.size; begin += run) {
    const size_t end = begin + run < batch.size ? begin + run : batch.size;
    T run_squares = T(0);
#pragma omp simd reduction(+ : run_squares)
    for (size_t i = begin; i < end; ++i) {
      run_squares += w[i] * w[i];
      step(i);
    }
    squares += static_cast<double>(run_squares);
  }
  return squares;
}

/// a / b for the positive b of Adam and RMSprop, in double by multiplications where a vector's
/// division takes longer: but for an infinite b, a root that overflowed, where the quotient is 0.
template <class T>
[[gnu::always_inline]] inline T adam_quotient(T a, T b) {
  if constexpr (sizeof(T) == sizeof(double) && kVectorBytes == 64) {
    const T factor = reciprocal(at_least(0x1p-1022, b));
    return a * (b > 1e300 ? T(0) : factor);
  } else {
    return a / b;
  }
}

template <class T>
[[gnu::always_inline]] inline T root_of(T v) {
  if constexpr (sizeof(T) == sizeof(double)) {
    return __builtin_sqrt(v);
  } else {
    return __builtin_sqrtf(v);
  }
}

/// Adam's step, or AdamW's.
template <bool kDecays, class T>
double adam_step(const UpdateBatch<T>& batch, const AdamCoefficients& coefficients) {
  T* w = batch.parameters;
  const T* gradient = batch.gradient;
  T* m = batch.first_moment;
  T* v = batch.second_moment;
  const T alpha = batch.alpha;
  const T inverse_weight = batch.inverse_weight;
  const T beta_1 = static_cast<T>(coefficients.beta_1);
  const T beta_2 = static_cast<T>(coefficients.beta_2);
  const T rest_1 = static_cast<T>(1.0 - coefficients.beta_1);
  const T rest_2 = static_cast<T>(1.0 - coefficients.beta_2);
  const T epsilon = static_cast<T>(coefficients.epsilon);
  const T rate = static_cast<T>(coefficients.rate);
  const T decay = batch.decay;
  return update(batch, [=](size_t i) {
    const T g = (gradient[i] + alpha * w[i]) * inverse_weight;
    m[i] = beta_1 * m[i] + rest_1 * g;
    v[i] = beta_2 * v[i] + rest_2 * (g * g);
    const T step = adam_quotient(rate * m[i], root_of(v[i]) + epsilon);
    if constexpr (kDecays) {
      w[i] -= decay * w[i] + step;
    } else {
      w[i] -= step;
    }
  });
}

template <class T>
double rmsprop_step(const UpdateBatch<T>& batch, const RmspropCoefficients& coefficients) {
  T* w = batch.parameters;
  const T* gradient = batch.gradient;
  T* v = batch.first_moment;
  const T alpha = batch.alpha;
  const T inverse_weight = batch.inverse_weight;
  const T beta_2 = static_cast<T>(coefficients.beta_2);
  const T rest_2 = static_cast<T>(1.0 - coefficients.beta_2);
  const T epsilon = static_cast<T>(coefficients.epsilon);
  const T rate = static_cast<T>(coefficients.rate);
  return update(batch, [=](size_t i) {
    const T g = (gradient[i] + alpha * w[i]) * inverse_weight;
    v[i] = beta_2 * v[i] + rest_2 * (g * g);
    w[i] -= adam_quotient(rate * g, root_of(v[i]) + epsilon);
  });
}

template <class T>
double sgd_step(const UpdateBatch<T>& batch, const SgdCoefficients& coefficients) {
  T* w = batch.parameters;
  const T* gradient = batch.gradient;
  T* velocity = batch.first_moment;
  const T alpha = batch.alpha;
  const T inverse_weight = batch.inverse_weight;
  const T momentum = static_cast<T>(coefficients.momentum);
  const T rate = static_cast<T>(coefficients.rate);
  const bool nesterov = coefficients.nesterov;
  return update(batch, [=](size_t i) {
    const T step = rate * ((gradient[i] + alpha * w[i]) * inverse_weight);
    const T moved = momentum * velocity[i] - step;
    velocity[i] = moved;
    w[i] += nesterov ? momentum * moved - step : moved;
  });
}

}  // namespace
}  // namespace skarma::kernels
