#pragma once

#include <skarma/core/kernels/isa/activation_loops.hpp>

// Links, losses and deltas of output layers, each in one.

namespace skarma::kernels {
namespace {

/// In three passes over the matrix: a row is too short for a vector loop of its own.
template <class T>
void bias_softmax(T* z, const T* bias, size_t rows, size_t units) {
  T* row = z;
  for (size_t i = 0; i < rows; ++i, row += units) {
    T largest = row[0] + bias[0];
    for (size_t j = 0; j < units; ++j) {
      row[j] += bias[j];
      largest = row[j] > largest ? row[j] : largest;
    }
    for (size_t j = 0; j < units; ++j) row[j] -= largest;
  }
  apply(z, rows * units, [](Vector<T> v) { return kernels::exp(v); });
  row = z;
  for (size_t i = 0; i < rows; ++i, row += units) {
    T sum = T(0);
    for (size_t j = 0; j < units; ++j) sum += row[j];
    for (size_t j = 0; j < units; ++j) row[j] /= sum;
  }
}

/// A probability as the loss sees it: away from 0 and 1 by the epsilon of its own type.
template <class T>
[[gnu::always_inline]] inline T clipped(T p) {
  constexpr T low = FloatFormat<T>::epsilon;
  constexpr T high = T(1) - low;
  const T raised = p < low ? low : p;
  return raised > high ? high : raised;
}

/// The delta, the loss's derivative by W a + b, of losses whose link goes with them.
struct PlainDelta {
  template <class T>
  [[gnu::always_inline]] static T delta(T p, T y) {
    return p - y;
  }
};

struct LogisticLog : PlainDelta {
  using Activation = Logistic;
  static constexpr bool mean_over_units = false;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y) {
    const T c = clipped(p);
    const T likelihood = y != T(0) ? c : T(1) - c;
    return -kernels::log(static_cast<double>(likelihood));
  }
};

struct SquaredError : PlainDelta {
  using Activation = Identity;
  static constexpr bool mean_over_units = true;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y) {
    const double d = static_cast<double>(y) - static_cast<double>(p);
    return 0.5 * (d * d);
  }
};

struct Poisson : PlainDelta {
  using Activation = Exp;
  static constexpr bool mean_over_units = false;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y) {
    const double target = static_cast<double>(y);
    const double mean = static_cast<double>(p);
    const double ratio = target / mean;
    // 0 log(anything) = 0; a ratio that is not a positive normal number is left to libm.
    const bool plain = ratio >= 0x1p-1022 && ratio <= 0x1.fffffffffffffp1023;
    const double logarithm = plain ? kernels::log(ratio) : __builtin_log(ratio);
    return (target == 0.0 ? 0.0 : target * logarithm) - target + mean;
  }
};

template <class T>
[[gnu::always_inline]] inline double distance(T p, T y) {
  const double d = static_cast<double>(p) - static_cast<double>(y);
  return d < 0.0 ? -d : d;
}

/// Squared up to a residual of 1, then linear.
struct Huber {
  using Activation = Identity;
  static constexpr bool mean_over_units = false;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y) {
    const double d = distance(p, y);
    return d > 1.0 ? d - 0.5 : 0.5 * (d * d);
  }
  template <class T>
  [[gnu::always_inline]] static T delta(T p, T y) {
    const T d = p - y;
    const T raised = d < T(-1) ? T(-1) : d;
    return raised > T(1) ? T(1) : raised;  // NaN stays NaN
  }
};

struct AbsoluteError {
  using Activation = Identity;
  static constexpr bool mean_over_units = false;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y) {
    return distance(p, y);
  }
  template <class T>
  [[gnu::always_inline]] static T delta(T p, T y) {
    const T d = p - y;
    const T raised = d < T(0) ? T(-1) : d;
    return raised > T(0) ? T(1) : raised;  // 0 and NaN stay what they are
  }
};

/// Squared where residuals are small, linear where they are large: log(cosh(d)).
struct LogCosh {
  using Activation = Identity;
  static constexpr bool mean_over_units = false;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y) {
    constexpr double log_2 = 0x1.62e42fefa39efp-1;
    const double d = distance(p, y);
    return d + (kernels::log(1.0 + kernels::exp(-2.0 * d)) - log_2);
  }
  template <class T>
  [[gnu::always_inline]] static T delta(T p, T y) {
    return kernels::tanh(p - y);
  }
};

/// The sum of loss(k) for k < n, the losses by one vector loop and their sum by another.
template <class Loss>
double sum_of_losses(size_t n, Loss loss) {
  constexpr size_t most = 128;
  double losses[most];
  double total = 0.0;
  for (size_t begin = 0; begin < n; begin += most) {
    const size_t count = n - begin < most ? n - begin : most;
#pragma omp simd
    for (size_t k = 0; k < count; ++k) losses[k] = loss(begin + k);
#pragma omp simd reduction(+ : total)
    for (size_t k = 0; k < count; ++k) total += losses[k];
  }
  return total;
}

/// Element-wise losses.
template <class L, class T>
double element_delta(const OutputBatch<T>& batch, T* bias_gradient) {
  const size_t units = batch.units;
  T* output = batch.output;
  const T* target = batch.targets;
  const T* weights = batch.weights;
  bias_activate<typename L::Activation, T>({output, units}, batch.bias, batch.rows, units, T(0));
  double total = 0.0;
  if (weights == nullptr) {
    const size_t n = batch.rows * units;
    total = sum_of_losses(n, [=](size_t k) { return L::loss(output[k], target[k]); });
#pragma omp simd
    for (size_t k = 0; k < n; ++k) output[k] = L::delta(output[k], target[k]);
  } else {
    for (size_t i = 0; i < batch.rows; ++i, output += units, target += units) {
      total += static_cast<double>(weights[i]) *
               sum_of_losses(units, [=](size_t j) { return L::loss(output[j], target[j]); });
      for (size_t j = 0; j < units; ++j) output[j] = L::delta(output[j], target[j]) * weights[i];
    }
  }
  column_sums<T>({batch.output, units}, batch.rows, units, bias_gradient);
  return L::mean_over_units ? total / static_cast<double>(units) : total;
}

template <class T>
double softmax_delta(const OutputBatch<T>& batch, T* bias_gradient) {
  const size_t units = batch.units;
  T* output = batch.output;
  const std::int32_t* codes = batch.codes;
  const T* weights = batch.weights;
  bias_softmax(output, batch.bias, batch.rows, units);
  const double total = -sum_of_losses(batch.rows, [=](size_t i) {
    const T likelihood = clipped(output[i * units + static_cast<size_t>(codes[i])]);
    const double weight = weights != nullptr ? static_cast<double>(weights[i]) : 1.0;
    return weight * kernels::log(static_cast<double>(likelihood));
  });
  for (size_t i = 0; i < batch.rows; ++i, output += units) {
    output[static_cast<size_t>(codes[i])] -= T(1);
    if (weights == nullptr) continue;
    for (size_t j = 0; j < units; ++j) output[j] *= weights[i];
  }
  column_sums<T>({batch.output, units}, batch.rows, units, bias_gradient);
  return total;
}

}  // namespace
}  // namespace skarma::kernels
