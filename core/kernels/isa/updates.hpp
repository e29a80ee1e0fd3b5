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

/// The gradient proper of a parameter.
template <class T>
struct Gradient {
  const T* parameters;
  const T* sums;
  T alpha, inverse_weight;

  explicit Gradient(const UpdateBatch<T>& batch)
      : parameters(batch.parameters),
        sums(batch.gradient),
        alpha(batch.alpha),
        inverse_weight(batch.inverse_weight) {}
  [[gnu::always_inline]] T operator()(size_t i) const {
    return (sums[i] + alpha * parameters[i]) * inverse_weight;
  }
};

/// A mean that decays: beta of what it was, and the rest of what comes.
template <class T>
struct MovingMean {
  T beta, rest;

  explicit MovingMean(double decay)
      : beta(static_cast<T>(decay)), rest(static_cast<T>(1.0 - decay)) {}
  [[gnu::always_inline]] T operator()(T before, T x) const { return beta * before + rest * x; }
};

template <class T>
double adagrad_step(const UpdateBatch<T>& batch, const RmspropCoefficients& coefficients) {
  T* w = batch.parameters;
  T* v = batch.first_moment;
  const Gradient<T> gradient(batch);
  const T epsilon = static_cast<T>(coefficients.epsilon);
  const T rate = static_cast<T>(coefficients.rate);
  return update(batch, [=](size_t i) {
    const T g = gradient(i);
    v[i] += g * g;
    w[i] -= adam_quotient(rate * g, root_of(v[i]) + epsilon);
  });
}

template <class T>
double adadelta_step(const UpdateBatch<T>& batch, const RmspropCoefficients& coefficients) {
  T* w = batch.parameters;
  T* v = batch.first_moment;
  T* moved = batch.second_moment;
  const Gradient<T> gradient(batch);
  const MovingMean<T> mean(coefficients.beta_2);
  const T epsilon = static_cast<T>(coefficients.epsilon);
  const T rate = static_cast<T>(coefficients.rate);
  return update(batch, [=](size_t i) {
    const T g = gradient(i);
    v[i] = mean(v[i], g * g);
    const T step = adam_quotient(root_of(moved[i] + epsilon), root_of(v[i] + epsilon)) * g;
    moved[i] = mean(moved[i], step * step);
    w[i] -= rate * step;
  });
}

template <class T>
double amsgrad_step(const UpdateBatch<T>& batch, const AdamCoefficients& coefficients) {
  T* w = batch.parameters;
  T* m = batch.first_moment;
  T* v = batch.second_moment;
  T* largest = batch.third_moment;
  const Gradient<T> gradient(batch);
  const MovingMean<T> first(coefficients.beta_1), second(coefficients.beta_2);
  const T epsilon = static_cast<T>(coefficients.epsilon);
  const T rate = static_cast<T>(coefficients.rate);
  return update(batch, [=](size_t i) {
    const T g = gradient(i);
    m[i] = first(m[i], g);
    v[i] = second(v[i], g * g);
    largest[i] = largest[i] > v[i] ? largest[i] : v[i];
    w[i] -= adam_quotient(rate * m[i], root_of(largest[i]) + epsilon);
  });
}

template <class T>
double nadam_step(const UpdateBatch<T>& batch, const NadamCoefficients& coefficients) {
  T* w = batch.parameters;
  T* m = batch.first_moment;
  T* v = batch.second_moment;
  const Gradient<T> gradient(batch);
  const MovingMean<T> first(coefficients.beta_1), second(coefficients.beta_2);
  const T epsilon = static_cast<T>(coefficients.epsilon);
  const T gradient_rate = static_cast<T>(coefficients.gradient_rate);
  const T moment_rate = static_cast<T>(coefficients.moment_rate);
  return update(batch, [=](size_t i) {
    const T g = gradient(i);
    m[i] = first(m[i], g);
    v[i] = second(v[i], g * g);
    w[i] -= adam_quotient(gradient_rate * g + moment_rate * m[i], root_of(v[i]) + epsilon);
  });
}

/// -1, 0 or 1; NaN of NaN.
template <class T>
[[gnu::always_inline]] inline T sign_of(T x) {
  return x > 0 ? T(1) : x < 0 ? T(-1) : x;
}

template <class T>
double lion_step(const UpdateBatch<T>& batch, const AdamCoefficients& coefficients) {
  T* w = batch.parameters;
  T* m = batch.first_moment;
  const Gradient<T> gradient(batch);
  const MovingMean<T> direction(coefficients.beta_1), memory(coefficients.beta_2);
  const T rate = static_cast<T>(coefficients.rate);
  const T decay = batch.decay;
  return update(batch, [=](size_t i) {
    const T g = gradient(i);
    const T sign = sign_of(direction(m[i], g));
    m[i] = memory(m[i], g);
    w[i] -= decay * w[i] + rate * sign;
  });
}

template <class T>
double rprop_step(const UpdateBatch<T>& batch, double rate) {
  T* w = batch.parameters;
  T* before = batch.first_moment;
  T* size = batch.second_moment;
  const Gradient<T> gradient(batch);
  const T first = static_cast<T>(rate);
  return update(batch, [=](size_t i) {
    const T g = gradient(i);
    const T agreement = g * before[i];
    const T old = size[i] == 0 ? first : size[i];
    const T grown = old * T(1.2) < T(50) ? old * T(1.2) : T(50);
    const T least = old < T(1e-6) ? old : T(1e-6);  // of a learning rate of 0 nothing moves
    const T shrunk = old * T(0.5) > least ? old * T(0.5) : least;
    size[i] = agreement > 0 ? grown : agreement < 0 ? shrunk : old;
    before[i] = agreement < 0 ? T(0) : g;
    w[i] -= sign_of(before[i]) * size[i];
  });
}

template <class T>
double descent_step(const UpdateBatch<T>& batch, double rate) {
  T* w = batch.parameters;
  const Gradient<T> gradient(batch);
  const T factor = static_cast<T>(rate);
  return update(batch, [=](size_t i) { w[i] -= factor * gradient(i); });
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
