// Compiled once per instruction set (CMake names it in SKARMA_KERNEL_ISA). It includes nothing that
// could leave a shared symbol behind: a test looks for weak symbols in the object files.
#include <skarma/core/kernels/isa/activations.hpp>
#include <skarma/core/kernels/isa/layers.hpp>
#include <skarma/core/kernels/isa/products.hpp>
#include <skarma/core/kernels/isa/sparse_columns.hpp>
#include <skarma/core/kernels/isa/sparse_rows.hpp>
#include <skarma/core/kernels/kernel_table.hpp>

namespace skarma::kernels {
namespace {

using std::size_t;

// ---- activations ------------------------------------------------------------------------------

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
void bias_activate(Strided<T> matrix, const T* bias, size_t rows, size_t units) {
  constexpr size_t short_row = 32;
  T* z = matrix.data;
  if (units < short_row && matrix.stride == units) {
    add_bias(z, bias, rows, units);
    apply(z, rows * units, [](Vector<T> v) { return A::value(v); });
    return;
  }
  for (size_t i = 0; i < rows; ++i, z += matrix.stride) {
    fill(z, units, [&](size_t j, size_t lanes) {
      return A::value(load_part(z + j, lanes) + load_part(bias + j, lanes));
    });
  }
}

template <class A, class T>
void activate(Strided<const T> z, Strided<T> a, size_t rows, size_t units) {
  for (size_t i = 0; i < rows; ++i) {
    const T* from = z.row(i);
    fill(a.row(i), units,
         [&](size_t j, size_t lanes) { return A::value(load_part(from + j, lanes)); });
  }
}

template <class A, class T>
void mask(Strided<const T> delta, Strided<T> a, size_t rows, size_t units) {
  for (size_t i = 0; i < rows; ++i) {
    const T* d = delta.row(i);
    T* through = a.row(i);
#pragma omp simd
    for (size_t j = 0; j < units; ++j) through[j] = A::derivative(d[j], through[j]);
  }
}

// ---- output layers ----------------------------------------------------------------------------

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
  bias_activate<typename L::Activation, T>({output, units}, batch.bias, batch.rows, units);
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

// ---- updates ----------------------------------------------------------------------------------

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

/// The kernels over an activation, at its place in the table.
template <class A, class T>
constexpr void add_activation(KernelTable<T>& table, size_t place) {
  table.bias_activate[place] = bias_activate<A, T>;
  table.activate[place] = activate<A, T>;
  if constexpr (A::is_hidden) {
    table.mask[place] = mask<A, T>;
    table.backward_product[place] = product<Derived<A>, true, T>;
    if constexpr (!A::through_input)
      table.product_activate[place] = product<Activated<A>, false, T>;
  }
}

/// The table with all kernels over activations.
template <class... A, class T>
constexpr KernelTable<T> with_activations(ActivationList<A...>, KernelTable<T> table) {
  static_assert(sizeof...(A) == kActivationKernels);
  size_t place = 0;
  (add_activation<A>(table, place++), ...);
  return table;
}

template <class T>
constexpr KernelTable<T> kTable = with_activations(
    Activations(), KernelTable<T>{
                       .bias_softmax = bias_softmax<T>,
                       .column_sums = column_sums<T>,
                       .add = add<T>,
                       .dropout = dropout<T>,
                       .column_moments = column_moments<T>,
                       .normalise = normalise<T>,
                       .normalise_back = normalise_back<T>,
                       .output_delta = {softmax_delta<T>, element_delta<LogisticLog, T>,
                                        element_delta<SquaredError, T>, element_delta<Poisson, T>,
                                        element_delta<Huber, T>, element_delta<AbsoluteError, T>,
                                        element_delta<LogCosh, T>},
                       .sparse_product = sparse_product<T>,
                       .add_sparse_gradient = add_sparse_gradient<T>,
                       .nonzero_entries = nonzero_entries<T>,
                       .append_blocks = append_blocks<T>,
                       .columns_product = columns_product<T>,
                       .columns_gradient = columns_gradient<T>,
                       .columns_room = columns_room<T>,
                       .product = product<Plain, false, T>,
                       .gradient_product = gradient_product<T>,
                       .product_room = product_room<T>,
                       .gradient_room = gradient_room<T>,
                       .adam_step = adam_step<false, T>,
                       .adamw_step = adam_step<true, T>,
                       .rmsprop_step = rmsprop_step<T>,
                       .sgd_step = sgd_step<T>,
                   });

}  // namespace

namespace SKARMA_KERNEL_ISA {

const KernelTable<float>& float_table() { return kTable<float>; }
const KernelTable<double>& double_table() { return kTable<double>; }

}  // namespace SKARMA_KERNEL_ISA
}  // namespace skarma::kernels
