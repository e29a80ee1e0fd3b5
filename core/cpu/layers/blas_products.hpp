#pragma once

#include <cstddef>

#include <skarma/core/base/matrix_view.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

// The products of a dense layer by BLAS, shapes as in dense.hpp. A large product is cut into a few
// parts for the team's threads. The cuts depend on the shape alone, because BLAS may round a part
// otherwise than the whole.

/// output = input W.
template <class T>
void blas_forward(const LayerPlace& layer, const T* w, MatrixView<const T> input,
                  MatrixView<T> output, ThreadTeam& team);

/// coef_gradient = input' delta.
template <class T>
void blas_gradient(const LayerPlace& layer, MatrixView<const T> input, MatrixView<const T> delta,
                   T* coef_gradient, ThreadTeam& team);

/// input_delta = delta W'.
template <class T>
void blas_backward(const LayerPlace& layer, const T* w, MatrixView<const T> delta,
                   MatrixView<T> input_delta, ThreadTeam& team);

}  // namespace skarma
