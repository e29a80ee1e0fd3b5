#pragma once

#include <variant>

#include <skarma/core/kernels/kernel_table.hpp>

namespace skarma {

/// The same sparse batch by rows and by columns: for products and for gradients.
template <class T>
struct SparseRowsAndColumns {
  kernels::SparseRows<T> rows;
  kernels::SparseColumns<T> columns;
};

/// What goes into a network, shape (rows, n_inputs). InputReader::range() gives dense or sparse
/// rows; all of them come as batches.
template <class T>
using Inputs = std::variant<kernels::DenseRows<T>, kernels::SparseRows<T>,
                            kernels::SparseColumns<T>, SparseRowsAndColumns<T>>;

}  // namespace skarma
