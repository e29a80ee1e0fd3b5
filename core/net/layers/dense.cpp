#include <skarma/core/net/layers/dense.hpp>

#include <armadillo>

namespace skarma {
namespace {

/// Row-major (rows, cols) memory as Armadillo's (cols x rows) matrix: the same bytes.
template <class T>
arma::Mat<T> borrowed(const T* memory, std::size_t rows, std::size_t cols) {
  return arma::Mat<T>(const_cast<T*>(memory), cols, rows, false, true);
}

}  // namespace

template <class T>
void dense_forward(const LayerPlace& layer, const T* w, const T* input, std::size_t rows,
                   T* output) {
  const arma::Mat<T> a = borrowed(input, rows, layer.inputs);
  const arma::Mat<T> weights = borrowed(w, layer.inputs, layer.outputs);
  arma::Mat<T> z = borrowed(output, rows, layer.outputs);
  z = weights * a;
}

template <class T>
void dense_gradient(const LayerPlace& layer, const T* input, const T* delta, std::size_t rows,
                    T* coef_gradient) {
  const arma::Mat<T> a = borrowed(input, rows, layer.inputs);
  const arma::Mat<T> d = borrowed(delta, rows, layer.outputs);
  arma::Mat<T> gradient = borrowed(coef_gradient, layer.inputs, layer.outputs);
  gradient = d * a.t();
}

template <class T>
void dense_backward(const LayerPlace& layer, const T* w, const T* delta, std::size_t rows,
                    T* input_delta) {
  const arma::Mat<T> d = borrowed(delta, rows, layer.outputs);
  const arma::Mat<T> weights = borrowed(w, layer.inputs, layer.outputs);
  arma::Mat<T> previous = borrowed(input_delta, rows, layer.inputs);
  previous = weights.t() * d;
}

template void dense_forward<float>(const LayerPlace&, const float*, const float*, std::size_t,
                                   float*);
template void dense_forward<double>(const LayerPlace&, const double*, const double*, std::size_t,
                                    double*);
template void dense_gradient<float>(const LayerPlace&, const float*, const float*, std::size_t,
                                    float*);
template void dense_gradient<double>(const LayerPlace&, const double*, const double*, std::size_t,
                                     double*);
template void dense_backward<float>(const LayerPlace&, const float*, const float*, std::size_t,
                                    float*);
template void dense_backward<double>(const LayerPlace&, const double*, const double*, std::size_t,
                                     double*);

}  // namespace skarma
