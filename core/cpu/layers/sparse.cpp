#include <skarma/core/cpu/layers/sparse.hpp>

#include <algorithm>
#include <vector>

#include <skarma/core/kernels/dispatch.hpp>

namespace skarma {
namespace {

using kernels::SparseColumns;
using kernels::SparseRows;

/// This thread's memory for products with a batch by columns, which grows to the largest.
template <class T>
T* columns_room(std::size_t rows) {
  thread_local std::vector<T> memory;
  const std::size_t size = kernels::table<T>().columns_room(rows);
  if (memory.size() < size) memory.resize(size);
  return memory.data();
}

/// As elements to pass over, if a quarter is there and 32 multiply-adds take the time of one.
template <class T>
std::size_t cost(const SparseColumns<T>& x, std::size_t units) {
  return x.n_rows * x.n_columns * units / 128;
}

}  // namespace

template <class T>
void sparse_product(const LayerPlace& layer, const T* parameters, const SparseRows<T>& x,
                    MatrixView<T> z, ThreadTeam& team) {
  run_in_parts(team, x.rows, x.rows * layer.outputs, [&](std::size_t begin, std::size_t end) {
    kernels::table<T>().sparse_product(
        {x.values, x.columns, x.begins + begin, x.ends + begin, end - begin},
        parameters + layer.coef, layer.outputs,
        {z.data() + begin * z.row_stride(), z.row_stride()});
  });
}

/// Shared by units, a cache line of them or more each.
template <class T>
void sparse_product(const LayerPlace& layer, const T* parameters, const SparseColumns<T>& x,
                    MatrixView<T> z, ThreadTeam& team) {
  constexpr std::size_t line = 64 / sizeof(T);
  const std::size_t units = layer.outputs;
  const std::size_t lines = std::max<std::size_t>(units / line, 1);
  run_in_parts(team, lines, cost(x, units), [&](std::size_t begin, std::size_t end) {
    const std::size_t first = begin * line;
    const std::size_t last = end == lines ? units : end * line;
    kernels::table<T>().columns_product(x, parameters + layer.coef + first, units, last - first,
                                        {z.data() + first, z.row_stride()},
                                        columns_room<T>(x.n_rows));
  });
}

template <class T>
void sparse_gradient(const LayerPlace& layer, const SparseRows<T>& x, Reading<T> delta, T* gradient,
                     bool with_bias) {
  T* coefs = gradient + layer.coef;
  std::fill_n(coefs, layer.inputs * layer.outputs, T(0));
  kernels::table<T>().add_sparse_gradient(x, strided(delta), layer.outputs, coefs);
  if (with_bias) bias_gradient<T>(layer, delta, gradient);
}

/// Shared by blocks of columns.
template <class T>
void sparse_gradient(const LayerPlace& layer, const SparseColumns<T>& x, Reading<T> delta,
                     T* gradient, bool with_bias, ThreadTeam& team) {
  const std::size_t blocks = (x.n_columns + x.width - 1) / x.width;
  run_in_parts(team, blocks, cost(x, layer.outputs), [&](std::size_t begin, std::size_t end) {
    SparseColumns<T> part = x;
    part.begins += begin;
    part.ends += begin;
    part.n_columns = std::min(end * x.width, x.n_columns) - begin * x.width;
    kernels::table<T>().columns_gradient(part, strided(delta), layer.outputs,
                                         gradient + layer.coef + begin * x.width * layer.outputs,
                                         columns_room<T>(x.n_rows));
  });
  if (with_bias) bias_gradient<T>(layer, delta, gradient);
}

template void sparse_product<float>(const LayerPlace&, const float*, const SparseRows<float>&,
                                    MatrixView<float>, ThreadTeam&);
template void sparse_product<float>(const LayerPlace&, const float*, const SparseColumns<float>&,
                                    MatrixView<float>, ThreadTeam&);
template void sparse_gradient<float>(const LayerPlace&, const SparseRows<float>&, Reading<float>,
                                     float*, bool);
template void sparse_gradient<float>(const LayerPlace&, const SparseColumns<float>&, Reading<float>,
                                     float*, bool, ThreadTeam&);
template void sparse_product<double>(const LayerPlace&, const double*, const SparseRows<double>&,
                                     MatrixView<double>, ThreadTeam&);
template void sparse_product<double>(const LayerPlace&, const double*, const SparseColumns<double>&,
                                     MatrixView<double>, ThreadTeam&);
template void sparse_gradient<double>(const LayerPlace&, const SparseRows<double>&, Reading<double>,
                                      double*, bool);
template void sparse_gradient<double>(const LayerPlace&, const SparseColumns<double>&,
                                      Reading<double>, double*, bool, ThreadTeam&);

}  // namespace skarma
