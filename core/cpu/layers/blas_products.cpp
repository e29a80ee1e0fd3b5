#include <skarma/core/cpu/layers/blas_products.hpp>

#include <algorithm>

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

}  // namespace

template <class T>
void blas_forward(const LayerPlace& layer, const T* w, MatrixView<const T> input,
                  MatrixView<T> output, ThreadTeam& team) {
  product_in_parts<T>({layer.outputs, input.rows(), layer.inputs}, {w, layer.outputs},
                      {input.data(), input.row_stride()}, {output.data(), output.row_stride()},
                      team);
}

template <class T>
void blas_gradient(const LayerPlace& layer, MatrixView<const T> input, MatrixView<const T> delta,
                   T* coef_gradient, ThreadTeam& team) {
  product_in_parts<T>({layer.outputs, layer.inputs, delta.rows()},
                      {delta.data(), delta.row_stride()}, {input.data(), input.row_stride(), true},
                      {coef_gradient, layer.outputs}, team);
}

template <class T>
void blas_backward(const LayerPlace& layer, const T* w, MatrixView<const T> delta,
                   MatrixView<T> input_delta, ThreadTeam& team) {
  product_in_parts<T>({layer.inputs, delta.rows(), layer.outputs}, {w, layer.outputs, true},
                      {delta.data(), delta.row_stride()},
                      {input_delta.data(), input_delta.row_stride()}, team);
}

template void blas_forward<float>(const LayerPlace&, const float*, MatrixView<const float>,
                                  MatrixView<float>, ThreadTeam&);
template void blas_gradient<float>(const LayerPlace&, MatrixView<const float>,
                                   MatrixView<const float>, float*, ThreadTeam&);
template void blas_backward<float>(const LayerPlace&, const float*, MatrixView<const float>,
                                   MatrixView<float>, ThreadTeam&);

template void blas_forward<double>(const LayerPlace&, const double*, MatrixView<const double>,
                                   MatrixView<double>, ThreadTeam&);
template void blas_gradient<double>(const LayerPlace&, MatrixView<const double>,
                                    MatrixView<const double>, double*, ThreadTeam&);
template void blas_backward<double>(const LayerPlace&, const double*, MatrixView<const double>,
                                    MatrixView<double>, ThreadTeam&);

}  // namespace skarma
