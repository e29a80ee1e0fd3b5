#pragma once

#include <cstddef>
#include <cstdint>

// The kernels as a table of function pointers, compiled once for each instruction set and chosen
// once per process (dispatch.hpp). All matrices are (rows, units) and row-major; those that come
// with a stride have that many elements from row to row, the others are contiguous. Within one
// instruction set results are bit-reproducible.

namespace skarma::kernels {

/// Positions in the tables below; `net/activation.hpp` and `net/loss.hpp` name them for users.
enum ActivationKernel { kIdentity, kLogistic, kTanh, kRelu, kExp, kActivationKernels };
enum LossKernel { kSoftmaxLog, kLogisticLog, kSquaredError, kPoisson, kLossKernels };

/// Some rows of a sparse matrix: row i has the entries number begins[i] ... ends[i] - 1.
template <class T>
struct SparseRows {
  const T* values;
  const std::int32_t* columns;
  const std::int64_t* begins;
  const std::int64_t* ends;
  std::size_t rows;
};

/// The last layer of one batch on its way from z = W a to its loss and delta.
template <class T>
struct OutputBatch {
  T* output;                  // in: W a; out: delta = (output - target) * weight
  const T* bias;              // (units)
  const T* targets;           // (rows, units); null for softmax
  const std::int32_t* codes;  // (rows): the class of each row; softmax only
  const T* weights;           // (rows), or null
  std::size_t rows;
  std::size_t units;
};

/// A row-major matrix in a product: `stride` elements from row to row.
template <class T>
struct Strided {
  T* data;
  std::size_t stride;

  [[gnu::always_inline]] T* row(std::size_t i) const { return data + i * stride; }
};

/// One product of a dense layer: c = a b of shape (rows, cols), sums over `depth`. An element is
/// one chain of multiply-adds in the order of the depth: c may be cut by rows without changing a
/// bit. What lies between the rows of c is padding, which may be written.
template <class T>
struct DenseProduct {
  Strided<const T> a;  // (rows, depth)
  Strided<const T> b;  // (depth, cols)
  Strided<T> c;
  std::size_t rows;
  std::size_t cols;
  std::size_t depth;
  const T* beside;  // what is joined to the sums; see the kernels
  T* room;          // memory to work in
};

/// One update of a run of parameters from the raw gradient sum g: the gradient proper is
/// (g + alpha w) * inverse_weight.
template <class T>
struct UpdateBatch {
  T* parameters;
  T* gradient;
  T* first_moment;
  T* second_moment;  // Adam only
  std::size_t size;
  T alpha;
  T inverse_weight;
};

struct AdamCoefficients {
  double beta_1, beta_2, epsilon, rate;  // rate: bias-corrected for this step
};

struct SgdCoefficients {
  double momentum, rate;
  bool nesterov;
};

template <class T>
struct KernelTable {
  /// z = activation(z + bias).
  void (*bias_activate[kActivationKernels])(Strided<T> z, const T* bias, std::size_t rows,
                                            std::size_t units);
  /// z = softmax(z + bias), row by row.
  void (*bias_softmax)(T* z, const T* bias, std::size_t rows, std::size_t units);
  /// delta *= the activation's derivative, taken through its output `a`. Null for kExp: no hidden
  /// layer has it.
  void (*mask[kActivationKernels])(Strided<T> delta, Strided<const T> a, std::size_t rows,
                                   std::size_t units);
  /// sums (units) = the sums of the columns.
  void (*column_sums)(Strided<const T> matrix, std::size_t rows, std::size_t units, T* sums);
  /// Bias, output activation, loss and delta in one; returns the sum over the rows of
  /// weight * loss. bias_gradient = the column sums of delta.
  double (*output_delta[kLossKernels])(const OutputBatch<T>& batch, T* bias_gradient);

  /// z = x w, shape (rows, units), for sparse x and w of shape (columns of x, units).
  void (*sparse_product)(const SparseRows<T>& x, const T* w, std::size_t units, Strided<T> z);
  /// gradient += x' delta, shape (columns of x, units).
  void (*add_sparse_gradient)(const SparseRows<T>& x, Strided<const T> delta, std::size_t units,
                              T* gradient);

  /// c = a b, in room for product_room(cols, depth) elements.
  void (*product)(const DenseProduct<T>& product);
  /// c = activation(a b + bias), `beside` being the bias (cols). Null for kExp.
  void (*product_activate[kActivationKernels])(const DenseProduct<T>& product);
  /// c = a b' times the activation's derivative, taken through its outputs `beside`, of c's shape
  /// and stride; b has the shape (cols, depth). Null for kExp.
  void (*backward_product[kActivationKernels])(const DenseProduct<T>& product);
  /// c = a' b, where a has the shape (depth, rows), in room for gradient_room(cols, depth)
  /// elements.
  void (*gradient_product)(const DenseProduct<T>& product);
  std::size_t (*product_room)(std::size_t cols, std::size_t depth);
  std::size_t (*gradient_room)(std::size_t cols, std::size_t depth);

  /// One Adam or SGD step; returns the sum of the squared parameters before it.
  double (*adam_step)(const UpdateBatch<T>& batch, const AdamCoefficients& coefficients);
  double (*sgd_step)(const UpdateBatch<T>& batch, const SgdCoefficients& coefficients);
};

}  // namespace skarma::kernels
