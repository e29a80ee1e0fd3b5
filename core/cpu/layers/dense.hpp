#pragma once

#include <cstddef>
#include <type_traits>

#include <skarma/core/base/matrix_view.hpp>
#include <skarma/core/kernels/kernel_table.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

/// A matrix as kernels take it.
template <class T>
kernels::Strided<T> strided(const MatrixView<T>& m) {
  return {m.data(), m.row_stride()};
}

/// The rows of a matrix as layers read them.
template <class T>
kernels::DenseRows<std::remove_const_t<T>> reading(const MatrixView<T>& m) {
  return {m.data(), m.row_stride()};
}

/// A matrix that is only read. T comes from the other arguments.
template <class T>
using Reading = std::type_identity_t<MatrixView<const T>>;

/// What goes into a layer: rows as long as it has inputs.
template <class T>
using InputRows = std::type_identity_t<kernels::DenseRows<T>>;

// A dense layer a = f(input W + b), forward and backward. Matrices are (rows, units); W is
// (inputs, outputs), contiguous; parameters and gradients are packed. Products are ours
// (core/kernels), with what comes next done to a sum while it is in a register; those of layers
// with more than kBlasCoefs coefs, which leave the cache, are BLAS's. Neither they nor the threads
// that share them change a bit with the number of threads. Where rows of a result lie further apart
// than they are long, what is between them may be written.

/// Layers with more coefs than this are left to BLAS.
constexpr std::size_t kBlasCoefs = std::size_t{1} << 20;
constexpr bool is_left_to_blas(std::size_t n_coefs) { return n_coefs > kBlasCoefs; }

/// Whether a layer takes rows that lie anywhere; others want a stride.
constexpr bool takes_rows_anywhere(std::size_t inputs, std::size_t outputs) {
  return outputs > 1 && !is_left_to_blas(inputs * outputs);
}

/// output = input W, shape (rows, outputs): what the last layer leaves to its loss.
template <class T>
void dense_product(const LayerPlace& layer, const T* parameters, InputRows<T> input,
                   MatrixView<T> output, ThreadTeam& team = ThreadTeam::alone());

/// z = activation(z + bias), shape (rows, outputs), for a product that was made elsewhere.
template <class T>
void dense_activate(const LayerPlace& layer, const Activation& activation, const T* parameters,
                    MatrixView<T> z, ThreadTeam& team = ThreadTeam::alone());

/// a = activation(z), of one shape.
template <class T>
void activate(const Activation& activation, Reading<T> z, MatrixView<T> a,
              ThreadTeam& team = ThreadTeam::alone());

/// `through`, what an activation's derivative is taken through, becomes delta times that
/// derivative; of one shape.
template <class T>
void mask_by(const Activation& activation, Reading<T> delta, MatrixView<T> through,
             ThreadTeam& team);

/// c = a + b, of one shape; c may be one of them.
template <class T>
void add_matrices(Reading<T> a, Reading<T> b, MatrixView<T> c, ThreadTeam& team);

/// output = activation(input W + bias), shape (rows, outputs).
template <class T>
void dense_forward(const LayerPlace& layer, const Activation& activation, const T* parameters,
                   InputRows<T> input, MatrixView<T> output,
                   ThreadTeam& team = ThreadTeam::alone());

/// The gradient of the layer's biases, the column sums of delta, to its place in `gradient`.
template <class T>
void bias_gradient(const LayerPlace& layer, Reading<T> delta, T* gradient);

/// The gradient of the layer's coefs, input' delta, a sum over the rows; `with_bias` that of its
/// biases, too, the column sums of delta. Both go where they belong in the packed `gradient`.
template <class T>
void dense_gradient(const LayerPlace& layer, InputRows<T> input, Reading<T> delta, T* gradient,
                    bool with_bias, ThreadTeam& team = ThreadTeam::alone());

/// `through`, shape (rows, inputs), is what the derivative of
/// the activation before is taken through, its outputs or its inputs (Through), and becomes the
/// delta there: delta W' times that derivative.
template <class T>
void dense_backward(const LayerPlace& layer, const Activation& activation, const T* parameters,
                    Reading<T> delta, MatrixView<T> through,
                    ThreadTeam& team = ThreadTeam::alone());

}  // namespace skarma
