#pragma once

#include <cstddef>
#include <cstdint>

#include <skarma/core/kernels/kernel_table.hpp>

namespace skarma {

/// What goes into a network, shape (rows, n_inputs): dense rows, or a sparse matrix by rows, by
/// columns, or both.
template <class T>
struct Inputs {
  Inputs(const kernels::DenseRows<T>& dense_rows) : dense(dense_rows) {}
  Inputs(const kernels::SparseRows<T>& by_rows) : rows(by_rows) {}
  Inputs(const kernels::SparseColumns<T>& by_columns) : columns(by_columns) {}
  Inputs(const kernels::SparseRows<T>& by_rows, const kernels::SparseColumns<T>& by_columns)
      : rows(by_rows), columns(by_columns) {}

  kernels::DenseRows<T> dense{};
  kernels::SparseRows<T> rows{};
  kernels::SparseColumns<T> columns{};

  bool is_sparse() const { return has_rows() || has_columns(); }
  bool has_rows() const { return rows.begins != nullptr; }
  bool has_columns() const { return columns.begins != nullptr; }
};

/// One batch on its way through a network: inputs and, contiguous, the targets of the same rows.
/// `weight` = the number of rows, or the sum of their weights.
template <class T>
struct Batch {
  Inputs<T> inputs;
  const std::int32_t* codes;  // softmax only
  const T* values;            // (rows, n_outputs), other losses
  const T* weights;           // (rows), or null
  std::size_t rows;
  double weight;
};

}  // namespace skarma
