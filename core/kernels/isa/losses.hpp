#pragma once

#include <skarma/core/kernels/isa/activation_loops.hpp>

// Links, losses and deltas of output layers, each in one; losses of whole rows are in
// row_losses.hpp.

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

/// Sums along a row of its first value and the softplus of the others, which rise.
template <class T>
void bias_ordered(T* z, const T* bias, size_t rows, size_t units) {
  for (size_t i = 0; i < rows; ++i, z += units) {
    T sum = z[0] += bias[0];
    for (size_t j = 1; j < units; ++j) z[j] = sum += kernels::softplus(z[j] + bias[j]);
  }
}

/// Losses of one output p for a target y; those that take a number get it, too.
struct ElementLoss {
  static constexpr bool mean_over_units = false;
  static constexpr bool takes_number = false;
};

/// The delta, the loss's derivative by W a + b, of losses whose link goes with them.
struct PlainDelta : ElementLoss {
  template <class T>
  [[gnu::always_inline]] static T delta(T p, T y) {
    return p - y;
  }
};

struct LogisticLog : PlainDelta {
  using Activation = Logistic;
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

/// Squared up to residuals of delta, then linear.
struct Huber : ElementLoss {
  static constexpr bool takes_number = true;
  using Activation = Identity;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y, double most) {
    const double d = distance(p, y);
    return d > most ? most * (d - 0.5 * most) : 0.5 * (d * d);
  }
  template <class T>
  [[gnu::always_inline]] static T delta(T p, T y, double number) {
    const T most = static_cast<T>(number);
    const T d = p - y;
    const T raised = d < -most ? -most : d;
    return raised > most ? most : raised;  // NaN stays NaN
  }
};

struct AbsoluteError : ElementLoss {
  using Activation = Identity;
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
struct LogCosh : ElementLoss {
  using Activation = Identity;
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

/// -log(p) of a probability, clipped.
template <class T>
[[gnu::always_inline]] inline double surprise(T p) {
  return -kernels::log(static_cast<double>(clipped(p)));
}

/// The log loss of targets that are moved towards 1/2 by a share.
struct SmoothedLogisticLog : ElementLoss {
  using Activation = Logistic;
  static constexpr bool takes_number = true;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y, double share) {
    const double target = static_cast<double>(y) * (1.0 - share) + 0.5 * share;
    return target * surprise(p) + (1.0 - target) * surprise(T(1) - p);
  }
  template <class T>
  [[gnu::always_inline]] static T delta(T p, T y, double share) {
    return p - (y * static_cast<T>(1.0 - share) + static_cast<T>(0.5 * share));
  }
};

/// v^power of what a margin lacks to 1, v = max(0, 1 - margin), and its derivative by the margin.
template <int power, class T>
[[gnu::always_inline]] inline double hinge_loss(T lack) {
  const double v = static_cast<double>(lack <= T(0) ? T(0) : lack);
  return power == 1 ? v : v * v;
}
template <int power, class T>
[[gnu::always_inline]] inline T hinge_slope(T lack) {
  if (lack <= T(0)) return T(0);
  return power == 1 ? (lack > T(0) ? T(-1) : lack) : T(-2) * lack;  // NaN stays NaN
}

template <int power>
struct BinaryHinge : ElementLoss {
  using Activation = Identity;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y) {
    return hinge_loss<power>(T(1) - (T(2) * y - T(1)) * p);
  }
  template <class T>
  [[gnu::always_inline]] static T delta(T p, T y) {
    const T sign = T(2) * y - T(1);
    return hinge_slope<power>(T(1) - sign * p) * sign;
  }
};

/// Of -(1 - p)^gamma log(p): the loss, and p times its derivative by p.
template <class T>
[[gnu::always_inline]] inline double focal_loss(T p, double gamma) {
  const double c = static_cast<double>(clipped(p));
  return -__builtin_pow(1.0 - c, gamma) * kernels::log(c);
}
template <class T>
[[gnu::always_inline]] inline double focal_slope(T p, double gamma) {
  const double c = static_cast<double>(clipped(p)), rest = 1.0 - c;
  const double power = __builtin_pow(rest, gamma);
  return gamma * c * power / rest * kernels::log(c) - power;
}

struct BinaryFocal : ElementLoss {
  using Activation = Logistic;
  static constexpr bool takes_number = true;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y, double gamma) {
    return focal_loss(y != T(0) ? p : T(1) - p, gamma);
  }
  template <class T>
  [[gnu::always_inline]] static T delta(T p, T y, double gamma) {
    return y != T(0) ? static_cast<T>(focal_slope(p, gamma)) * (T(1) - p)
                     : -static_cast<T>(focal_slope(T(1) - p, gamma)) * p;
  }
};

struct LogisticSquared : ElementLoss {
  using Activation = Logistic;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y) {
    return SquaredError::loss(p, y);
  }
  template <class T>
  [[gnu::always_inline]] static T delta(T p, T y) {
    return (p - y) * (p * (T(1) - p));
  }
};

/// log(p / y) + y / p - 1.
struct Gamma : ElementLoss {
  using Activation = Exp;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y) {
    const double ratio = static_cast<double>(y) / static_cast<double>(p);
    return ratio - __builtin_log(ratio) - 1.0;
  }
  template <class T>
  [[gnu::always_inline]] static T delta(T p, T y) {
    return T(1) - y / p;
  }
};

/// y^(2 - k) / ((1 - k) (2 - k)) - y p^(1 - k) / (1 - k) + p^(2 - k) / (2 - k), the deviance of
/// power k; at 1 and 2 its limits, Poisson's and gamma's.
struct Tweedie : ElementLoss {
  using Activation = Exp;
  static constexpr bool takes_number = true;
  template <class T>
  [[gnu::always_inline]] static double loss(T p, T y, double power) {
    if (power == 1.0) return Poisson::loss(p, y);
    if (power == 2.0) return Gamma::loss(p, y);
    const double target = static_cast<double>(y), mean = static_cast<double>(p);
    const double a = 1.0 - power, b = 2.0 - power;
    const double own = target == 0.0 ? 0.0 : __builtin_pow(target, b) / (a * b);
    return own - target * __builtin_pow(mean, a) / a + __builtin_pow(mean, b) / b;
  }
  template <class T>
  [[gnu::always_inline]] static T delta(T p, T y, double power) {
    return static_cast<T>(__builtin_pow(static_cast<double>(p), 1.0 - power)) * (p - y);
  }
};

/// Calls L's functions with the number that some take.
template <class L, class T>
[[gnu::always_inline]] inline double loss_of(T p, T y, double number) {
  if constexpr (L::takes_number) {
    return L::loss(p, y, number);
  } else {
    return L::loss(p, y);
  }
}
template <class L, class T>
[[gnu::always_inline]] inline T delta_of(T p, T y, double number) {
  if constexpr (L::takes_number) {
    return L::delta(p, y, number);
  } else {
    return L::delta(p, y);
  }
}

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
  const double number = L::takes_number ? *batch.numbers : 0.0;
  bias_activate<typename L::Activation, T>({output, units}, batch.bias, batch.rows, units, T(0));
  double total = 0.0;
  if (weights == nullptr) {
    const size_t n = batch.rows * units;
    total = sum_of_losses(n, [=](size_t k) { return loss_of<L>(output[k], target[k], number); });
#pragma omp simd
    for (size_t k = 0; k < n; ++k) output[k] = delta_of<L>(output[k], target[k], number);
  } else {
    for (size_t i = 0; i < batch.rows; ++i, output += units, target += units) {
      total += static_cast<double>(weights[i]) * sum_of_losses(units, [=](size_t j) {
                 return loss_of<L>(output[j], target[j], number);
               });
      for (size_t j = 0; j < units; ++j)
        output[j] = delta_of<L>(output[j], target[j], number) * weights[i];
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
