#pragma once

#include <skarma/core/kernels/elementwise_math.hpp>

// The activations of one element, as the kernels put them into their loops.

namespace skarma::kernels {
namespace {

/// value: the activation of z, a number or a vector of them.
/// derivative: delta times the derivative, through the output a.
struct Identity {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return z;
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T) {
    return delta;
  }
};

struct Logistic {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return logistic(z);
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T a) {
    return (delta * a) * (1 - a);
  }
};

struct Tanh {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return kernels::tanh(z);
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T a) {
    return delta * (1 - a * a);
  }
};

struct Relu {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return z < T{} ? T{} : z;  // NaN stays NaN
  }
  template <class T>
  [[gnu::always_inline]] static T derivative(T delta, T a) {
    return a == T{} ? T{} : delta;
  }
};

struct Exp {
  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return kernels::exp(z);
  }
};

}  // namespace
}  // namespace skarma::kernels
