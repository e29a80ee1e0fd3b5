#pragma once

#include <skarma/core/kernels/elementwise_math.hpp>
#include <skarma/core/net/functions.hpp>

// The activations of one element, as the kernels put them into their loops.

namespace skarma::kernels {
namespace {

/// value: the activation of z, a number or a vector of them; of those that take a number, with it.
/// derivative: delta times the derivative, through the output a, or through z if `through_input`.
struct ThroughOutput {
  static constexpr bool is_hidden = true;
  static constexpr bool through_input = false;
  static constexpr bool takes_number = false;
  static constexpr bool is_in_products = true;
};
/// Loops of their own, behind the products: each in a product is a dozen functions.
struct BehindProducts : ThroughOutput {
  static constexpr bool is_in_products = false;
};
/// `slope`, the derivative at z, is compiled once: where it is inlined, compilers join its products
/// and sums in one way here and in another there, and bits would depend on the tile.
template <class A>
struct ThroughInput : ThroughOutput {
  static constexpr bool through_input = true;
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T z) {
    return delta * A::slope(z);
  }
};

struct Identity : ThroughOutput {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return z;
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T) {
    return delta;
  }
};

struct Logistic : ThroughOutput {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return logistic(z);
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T a) {
    return (delta * a) * (1 - a);
  }
};

struct Tanh : ThroughOutput {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return kernels::tanh(z);
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T a) {
    return delta * (1 - a * a);
  }
};

struct Relu : ThroughOutput {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return z < T{} ? T{} : z;  // NaN stays NaN
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T a) {
    return a == T{} ? T{} : delta;
  }
};

struct Exp : ThroughOutput {
  static constexpr bool is_hidden = false;
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return kernels::exp(z);
  }
};

/// z within +-bound, where what is left of it times 0 is 0: NaN stays NaN.
template <class T>
[[gnu::always_inline]] inline T within(typename Lanes<T>::T bound, T z) {
  return at_most(bound, at_least(-bound, z));
}

/// z Phi(z), with the standard normal distribution Phi; its derivative is Phi(z) + z Phi'(z).
struct Gelu : ThroughInput<Gelu> {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return at_least(-40, z) * normal_cdf(z);
  }
  template <class T>
  [[gnu::noinline]] static T slope(T z) {
    using Number = typename Lanes<T>::T;
    const T x = within<T>(40, z);
    const T density = static_cast<Number>(0.3989422804014327) * kernels::exp(x * x * Number(-0.5));
    return normal_cdf(x) + x * density;
  }
};

/// z logistic(2 y) with y = sqrt(2 / pi) (z + 0.044715 z^3), and logistic(2 y) = (1 + tanh(y)) / 2.
struct GeluTanh : ThroughInput<GeluTanh> {
  template <class T>
  [[gnu::always_inline]] static T share(T z) {
    using Number = typename Lanes<T>::T;
    return logistic(z * (static_cast<Number>(kSlope) + static_cast<Number>(kCubic) * (z * z)));
  }
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return at_least(-40, z) * share(z);
  }
  template <class T>
  [[gnu::noinline]] static T slope(T z) {
    using Number = typename Lanes<T>::T;
    const T x = within<T>(40, z);
    const T s = share(x);
    const T inner = static_cast<Number>(kSlope) + static_cast<Number>(3 * kCubic) * (x * x);
    return s + x * (s * (1 - s)) * inner;
  }

 private:
  static constexpr double kSlope = 1.5957691216057308;  // 2 sqrt(2 / pi)
  static constexpr double kCubic = kSlope * 0.044715;
};

/// z logistic(z).
struct Silu : ThroughInput<Silu> {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return at_least(-FormatOf<T>::exp_highest, z) * logistic(z);
  }
  template <class T>
  [[gnu::noinline]] static T slope(T z) {
    const T x = within<T>(FormatOf<T>::exp_highest, z);
    const T s = logistic(x);
    return s + x * (s * (1 - s));
  }
};

/// z tanh(log(1 + e)) = z n / (n + 2) with e = exp(z) and n = e (e + 2).
struct Mish : ThroughInput<Mish> {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    const T e = exponential(z);
    const T n = e * (e + 2);
    return at_least(-FormatOf<T>::exp_highest, z) * (n / (n + 2));
  }
  template <class T>
  [[gnu::noinline]] static T slope(T z) {
    const T x = within<T>(FormatOf<T>::exp_highest, z);
    const T e = exponential(x);
    const T n = e * (e + 2);
    return n / (n + 2) + x * (4 * e * (e + 1) / (n + 2) / (n + 2));
  }

 private:
  /// Where it is larger, n / (n + 2) and the slope are 1.
  template <class T>
  [[gnu::always_inline]] static T exponential(T z) {
    return kernels::exp(at_most(25, z));
  }
};

struct LeakyRelu : ThroughOutput {
  static constexpr bool takes_number = true;
  template <class T>
  [[gnu::always_inline]] static T value(T z, typename Lanes<T>::T slope) {
    return z < T{} ? slope * at_least(FormatOf<T>::lowest, z) : z;  // 0 may not meet an infinity
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T a, typename Lanes<T>::T slope) {
    return a > T{} ? delta : delta * slope;
  }
};

struct Elu : BehindProducts {
  static constexpr bool takes_number = true;
  template <class T>
  [[gnu::always_inline]] static T value(T z, typename Lanes<T>::T alpha) {
    return z > T{} ? z : alpha * expm1_of_negative(z);
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T a, typename Lanes<T>::T alpha) {
    return a > T{} ? delta : delta * (a + alpha);
  }
};

struct Selu : BehindProducts {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    using Number = typename Lanes<T>::T;
    return z > T{} ? static_cast<Number>(kSeluScale) * z
                   : static_cast<Number>(kSeluAlphaScale) * expm1_of_negative(z);
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T a) {
    using Number = typename Lanes<T>::T;
    return delta * (a > T{} ? T{} + static_cast<Number>(kSeluScale)
                            : a + static_cast<Number>(kSeluAlphaScale));
  }
};

/// Its derivative is logistic(z) = 1 - exp(-a).
struct Softplus : BehindProducts {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return softplus(z);
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T a) {
    return -delta * expm1_of_negative(-a);
  }
};

struct Softsign : BehindProducts {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    const T x = within<T>(1e30F, z);
    return x / (1 + (x < T{} ? -x : x));
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T a) {
    const T rest = 1 - (a < T{} ? -a : a);
    return delta * (rest * rest);
  }
};

struct HardTanh : BehindProducts {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return within<T>(1, z);
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T a) {
    return a * a < T{} + 1 ? delta : T{};
  }
};

struct Step : BehindProducts {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return z < T{} ? T{} : z >= T{} ? T{} + 1 : z;  // NaN stays NaN
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T, T) {
    return T{};
  }
};

/// A's value of z, and delta times its derivative, with the number that some take.
template <class A, class T>
[[gnu::always_inline]] inline T value_of(T z, typename Lanes<T>::T number) {
  if constexpr (A::takes_number) {
    return A::value(z, number);
  } else {
    return A::value(z);
  }
}
template <class A, class T>
[[gnu::always_inline]] inline T derivative_of(T delta, T through, typename Lanes<T>::T number) {
  if constexpr (A::takes_number) {
    return A::derivative(delta, through, number);
  } else {
    return A::derivative(delta, through);
  }
}

template <class... A>
struct ActivationList {};

/// In the order of ActivationFunction.
using Activations = ActivationList<Identity, Logistic, Tanh, Relu, Exp, Gelu, GeluTanh, Silu, Mish,
                                   LeakyRelu, Elu, Selu, Softplus, Softsign, HardTanh, Step>;

}  // namespace
}  // namespace skarma::kernels
