#pragma once

#include <cstddef>

#include <skarma/core/net/network_spec.hpp>

namespace skarma {

// A dense layer z = a W + b without its activation. All matrices are (rows, units), row-major and
// contiguous; W is (inputs, outputs).

/// output = input W, shape (rows, outputs). The bias is added together with the activation.
template <class T>
void dense_forward(const LayerPlace& layer, const T* w, const T* input, std::size_t rows,
                   T* output);

/// coef_gradient = input' delta, shape (inputs, outputs): a sum over the rows.
template <class T>
void dense_gradient(const LayerPlace& layer, const T* input, const T* delta, std::size_t rows,
                    T* coef_gradient);

/// input_delta = delta W', shape (rows, inputs).
template <class T>
void dense_backward(const LayerPlace& layer, const T* w, const T* delta, std::size_t rows,
                    T* input_delta);

}  // namespace skarma
