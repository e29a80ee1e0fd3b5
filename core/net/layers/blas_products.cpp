#include <skarma/core/net/layers/blas_products.hpp>

#include <algorithm>

#include <armadillo>

#include <skarma/core/kernels/gemm.hpp>

namespace skarma {
namespace {

using kernels::BlasMatrix;

/// How a product of shape (rows, cols), in BLAS's order, with sums over `depth` is cut: across its
/// longer side, so that little is packed twice.
struct Cut {
  std::size_t rows, cols, depth;

  bool across_rows() const { return rows >= cols; }
  std::size_t side() const { return std::max(rows, cols); }
  std::size_t parts() const {
    constexpr std::size_t narrowest = 96;
    constexpr std::size_t least_work = std::size_t{1} << 21;  // multiplications
    const std::size_t worth = rows * cols * depth / least_work;
    return std::clamp<std::size_t>(std::min(side() / narrowest, worth), 1, 4);
  }
};

template <class T>
T* moved(BlasMatrix<T> m, std::size_t row, std::size_t col) {
  return m.transposed ? m.data + row * m.stride + col : m.data + row + col * m.stride;
}

template <class T>
void product_in_parts(const Cut& cut, BlasMatrix<const T> a, BlasMatrix<const T> b, BlasMatrix<T> c,
                      ThreadTeam& team) {
  constexpr std::size_t multiple = 32;
  const std::size_t parts = cut.parts();
  team.run(parts, [&](std::size_t i) {
    const std::size_t begin = part_begin(i, cut.side(), parts, multiple);
    const std::size_t size = part_begin(i + 1, cut.side(), parts, multiple) - begin;
    const bool down = cut.across_rows();
    kernels::gemm<T>(down ? size : cut.rows, down ? cut.cols : size, cut.depth,
                     {down ? moved(a, begin, 0) : a.data, a.stride, a.transposed},
                     {down ? b.data : moved(b, 0, begin), b.stride, b.transposed},
                     {down ? moved(c, begin, 0) : moved(c, 0, begin), c.stride});
  });
}

/// Row-major (rows, cols) memory as Armadillo's (cols x rows) matrix: the same bytes.
template <class T>
arma::Mat<T> borrowed(const T* memory, std::size_t rows, std::size_t cols) {
  return arma::Mat<T>(const_cast<T*>(memory), cols, rows, false, true);
}

}  // namespace

template <class T>
void blas_forward(const LayerPlace& layer, const T* w, const T* input, std::size_t rows, T* output,
                  ThreadTeam& team) {
  const Cut cut{layer.outputs, rows, layer.inputs};
  if (cut.parts() > 1) {
    product_in_parts<T>(cut, {w, layer.outputs}, {input, layer.inputs}, {output, layer.outputs},
                        team);
    return;
  }
  const arma::Mat<T> a = borrowed(input, rows, layer.inputs);
  const arma::Mat<T> weights = borrowed(w, layer.inputs, layer.outputs);
  arma::Mat<T> z = borrowed(output, rows, layer.outputs);
  z = weights * a;
}

template <class T>
void blas_gradient(const LayerPlace& layer, const T* input, const T* delta, std::size_t rows,
                   T* coef_gradient, ThreadTeam& team) {
  const Cut cut{layer.outputs, layer.inputs, rows};
  if (cut.parts() > 1) {
    product_in_parts<T>(cut, {delta, layer.outputs}, {input, layer.inputs, true},
                        {coef_gradient, layer.outputs}, team);
    return;
  }
  const arma::Mat<T> a = borrowed(input, rows, layer.inputs);
  const arma::Mat<T> d = borrowed(delta, rows, layer.outputs);
  arma::Mat<T> gradient = borrowed(coef_gradient, layer.inputs, layer.outputs);
  gradient = d * a.t();
}

template <class T>
void blas_backward(const LayerPlace& layer, const T* w, const T* delta, std::size_t rows,
                   T* input_delta, ThreadTeam& team) {
  const Cut cut{layer.inputs, rows, layer.outputs};
  if (cut.parts() > 1) {
    product_in_parts<T>(cut, {w, layer.outputs, true}, {delta, layer.outputs},
                        {input_delta, layer.inputs}, team);
    return;
  }
  const arma::Mat<T> d = borrowed(delta, rows, layer.outputs);
  const arma::Mat<T> weights = borrowed(w, layer.inputs, layer.outputs);
  arma::Mat<T> previous = borrowed(input_delta, rows, layer.inputs);
  previous = weights.t() * d;
}

template void blas_forward<float>(const LayerPlace&, const float*, const float*, std::size_t,
                                  float*, ThreadTeam&);
template void blas_forward<double>(const LayerPlace&, const double*, const double*, std::size_t,
                                   double*, ThreadTeam&);
template void blas_gradient<float>(const LayerPlace&, const float*, const float*, std::size_t,
                                   float*, ThreadTeam&);
template void blas_gradient<double>(const LayerPlace&, const double*, const double*, std::size_t,
                                    double*, ThreadTeam&);
template void blas_backward<float>(const LayerPlace&, const float*, const float*, std::size_t,
                                   float*, ThreadTeam&);
template void blas_backward<double>(const LayerPlace&, const double*, const double*, std::size_t,
                                    double*, ThreadTeam&);

}  // namespace skarma
