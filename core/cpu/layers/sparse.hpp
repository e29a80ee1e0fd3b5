#pragma once

#include <cstddef>

#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/core/kernels/kernel_table.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

// The products of a first layer with sparse inputs: by rows, as samples are stored, or by columns,
// as a batch is trained. Parameters and gradients are packed. Zeros that are left out and threads
// that share the work change no bit of what layers/dense.hpp gives, unless the layer is BLAS's or
// has a single unit.

/// output = input W, shape (rows, outputs).
template <class T>
void sparse_product(const LayerPlace& layer, const T* parameters,
                    const kernels::SparseRows<T>& input, MatrixView<T> output, ThreadTeam& team);
template <class T>
void sparse_product(const LayerPlace& layer, const T* parameters,
                    const kernels::SparseColumns<T>& input, MatrixView<T> output, ThreadTeam& team);

/// The gradient of the layer's coefs, input' delta, and `with_bias` that of its biases, to their
/// places in the packed `gradient`.
template <class T>
void sparse_gradient(const LayerPlace& layer, const kernels::SparseRows<T>& input, Reading<T> delta,
                     T* gradient, bool with_bias);
template <class T>
void sparse_gradient(const LayerPlace& layer, const kernels::SparseColumns<T>& input,
                     Reading<T> delta, T* gradient, bool with_bias, ThreadTeam& team);

}  // namespace skarma
