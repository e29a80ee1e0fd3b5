#pragma once

#include <cstddef>

#include <skarma/core/base/thread_team.hpp>
#include <skarma/core/net/network_spec.hpp>

namespace skarma {

// A dense layer z = a W + b without its activation. All matrices are (rows, units), row-major and
// contiguous; W is (inputs, outputs). A large product is cut into a few parts for the team's
// threads. The cuts depend on the shape alone, because BLAS may round a part otherwise than the
// whole.

/// output = input W, shape (rows, outputs). The bias is added together with the activation.
template <class T>
void dense_forward(const LayerPlace& layer, const T* w, const T* input, std::size_t rows, T* output,
                   ThreadTeam& team = ThreadTeam::alone());

/// coef_gradient = input' delta, shape (inputs, outputs): a sum over the rows.
template <class T>
void dense_gradient(const LayerPlace& layer, const T* input, const T* delta, std::size_t rows,
                    T* coef_gradient, ThreadTeam& team = ThreadTeam::alone());

/// input_delta = delta W', shape (rows, inputs).
template <class T>
void dense_backward(const LayerPlace& layer, const T* w, const T* delta, std::size_t rows,
                    T* input_delta, ThreadTeam& team = ThreadTeam::alone());

}  // namespace skarma
