#pragma once

#include <skarma/core/kernels/isa/unit_panels.hpp>
#include <skarma/core/kernels/kernel_table.hpp>

// Products of sparse inputs by rows, as they are stored. Without zeros, the chain of multiply-adds
// of an element is that of a dense product where the entries of a row are in the columns' order.

namespace skarma::kernels {
namespace {

/// A panel of z = x w: the sums of a row stay in registers.
template <size_t vectors, class T>
void rows_product_panel(const SparseRows<T>& x, const T* w, size_t units, const Panel& panel,
                        Strided<T> z) {
  for (size_t i = 0; i < x.rows; ++i) {
    Vector<T> sum[vectors] = {};
    for (auto k = x.begins[i]; k < x.ends[i]; ++k) {
      const T value = x.values[k];
      const T* weights = w + static_cast<size_t>(x.columns[k]) * units;
#pragma GCC unroll 8
      for (size_t v = 0; v < vectors; ++v) {
        sum[v] += value * load_part(weights + panel.column<T>(v, vectors), panel.lanes);
      }
    }
#pragma GCC unroll 8
    for (size_t v = 0; v < vectors; ++v) {
      store_part(z.row(i) + panel.column<T>(v, vectors), sum[v], panel.lanes);
    }
  }
}

template <class T>
void sparse_product(const SparseRows<T>& x, const T* w, size_t units, Strided<T> z) {
  constexpr size_t most_vectors = 8;
  for_each_unit_panel<T, most_vectors>(units, [&](const Panel& panel) {
    with_vectors<most_vectors>(panel.vectors, [&]<size_t vectors>() {
      rows_product_panel<vectors>(x, w, units, panel, z);
    });
  });
}

template <class T>
void add_sparse_gradient(const SparseRows<T>& x, Strided<const T> deltas, size_t units,
                         T* gradient) {
  for (size_t i = 0; i < x.rows; ++i) {
    const T* delta = deltas.row(i);
    for (auto k = x.begins[i]; k < x.ends[i]; ++k) {
      const T value = x.values[k];
      T* g = gradient + static_cast<size_t>(x.columns[k]) * units;
#pragma omp simd
      for (size_t j = 0; j < units; ++j) g[j] += value * delta[j];
    }
  }
}

}  // namespace
}  // namespace skarma::kernels
