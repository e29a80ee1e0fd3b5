#include <skarma/core/net/layers/dense.hpp>

#include <vector>

#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/core/net/layers/blas_products.hpp>

namespace skarma {
namespace {

using kernels::DenseProduct;

bool is_left_to_blas(const LayerPlace& layer) { return layer.inputs * layer.outputs > kBlasCoefs; }

/// This thread's memory for products, which grows to the largest.
template <class T>
T* room(std::size_t size) {
  thread_local std::vector<T> memory;
  if (memory.size() < size) memory.resize(size);
  return memory.data();
}

/// Calls task(begin, end) for parts of the rows of a product's result.
template <class T, class Task>
void in_parts(const DenseProduct<T>& whole, ThreadTeam& team, const Task& task) {
  constexpr std::size_t products_an_element = 32;  // in the time that passing over one takes
  run_in_parts(team, whole.rows, whole.rows * whole.cols * whole.depth / products_an_element, task);
}

template <class T>
void multiply(void (*kernel)(const DenseProduct<T>&), const DenseProduct<T>& whole,
              std::size_t beside_stride, ThreadTeam& team) {
  in_parts(whole, team, [&](std::size_t begin, std::size_t end) {
    DenseProduct<T> part = whole;
    part.a += begin * whole.depth;
    part.c += begin * whole.cols;
    if (part.beside != nullptr) part.beside += begin * beside_stride;
    part.rows = end - begin;
    part.room = room<T>(kernels::table<T>().product_room(whole.cols, whole.depth));
    kernel(part);
  });
}

}  // namespace

template <class T>
void dense_product(const LayerPlace& layer, const T* parameters, const T* input, std::size_t rows,
                   T* output, ThreadTeam& team) {
  const T* w = parameters + layer.coef;
  if (is_left_to_blas(layer)) {
    blas_forward(layer, w, input, rows, output, team);
    return;
  }
  multiply<T>(kernels::table<T>().product,
              {input, w, output, rows, layer.outputs, layer.inputs, nullptr, nullptr}, 0, team);
}

template <class T>
void dense_activate(const LayerPlace& layer, kernels::ActivationKernel activation,
                    const T* parameters, std::size_t rows, T* z, ThreadTeam& team) {
  const auto bias_activate = kernels::table<T>().bias_activate[activation];
  run_in_parts(team, rows, rows * layer.outputs, [&](std::size_t begin, std::size_t end) {
    bias_activate(z + begin * layer.outputs, parameters + layer.intercept, end - begin,
                  layer.outputs);
  });
}

template <class T>
void dense_forward(const LayerPlace& layer, kernels::ActivationKernel activation,
                   const T* parameters, const T* input, std::size_t rows, T* output,
                   ThreadTeam& team) {
  const T* w = parameters + layer.coef;
  if (is_left_to_blas(layer)) {
    blas_forward(layer, w, input, rows, output, team);
    dense_activate(layer, activation, parameters, rows, output, team);
    return;
  }
  multiply<T>(
      kernels::table<T>().product_activate[activation],
      {input, w, output, rows, layer.outputs, layer.inputs, parameters + layer.intercept, nullptr},
      0, team);
}

template <class T>
void dense_gradient(const LayerPlace& layer, const T* input, const T* delta, std::size_t rows,
                    T* gradient, bool with_bias, ThreadTeam& team) {
  const auto& kernels = kernels::table<T>();
  T* coefs = gradient + layer.coef;
  T* column_sums = with_bias ? gradient + layer.intercept : nullptr;
  if (is_left_to_blas(layer)) {
    blas_gradient(layer, input, delta, rows, coefs, team);
    if (with_bias) kernels.column_sums(delta, rows, layer.outputs, column_sums);
    return;
  }
  const DenseProduct<T> whole{input,         delta, coefs,   layer.inputs,
                              layer.outputs, rows,  nullptr, nullptr};
  in_parts(whole, team, [&](std::size_t begin, std::size_t end) {
    DenseProduct<T> part = whole;
    part.a += begin;
    part.c += begin * whole.cols;
    part.rows = end - begin;
    part.room = room<T>(kernels.gradient_room(whole.cols, rows));
    kernels.gradient_product(part, layer.inputs, begin == 0 ? column_sums : nullptr);
  });
}

template <class T>
void dense_backward(const LayerPlace& layer, kernels::ActivationKernel activation,
                    const T* parameters, const T* delta, std::size_t rows, const T* input,
                    T* input_delta, ThreadTeam& team) {
  const T* w = parameters + layer.coef;
  const auto& kernels = kernels::table<T>();
  if (is_left_to_blas(layer)) {
    blas_backward(layer, w, delta, rows, input_delta, team);
    run_in_parts(team, rows, rows * layer.inputs, [&](std::size_t begin, std::size_t end) {
      const std::size_t at = begin * layer.inputs;
      kernels.mask[activation](input_delta + at, input + at, (end - begin) * layer.inputs);
    });
    return;
  }
  multiply<T>(kernels.backward_product[activation],
              {delta, w, input_delta, rows, layer.inputs, layer.outputs, input, nullptr},
              layer.inputs, team);
}

template void dense_product<float>(const LayerPlace&, const float*, const float*, std::size_t,
                                   float*, ThreadTeam&);
template void dense_activate<float>(const LayerPlace&, kernels::ActivationKernel, const float*,
                                    std::size_t, float*, ThreadTeam&);
template void dense_forward<float>(const LayerPlace&, kernels::ActivationKernel, const float*,
                                   const float*, std::size_t, float*, ThreadTeam&);
template void dense_gradient<float>(const LayerPlace&, const float*, const float*, std::size_t,
                                    float*, bool, ThreadTeam&);
template void dense_backward<float>(const LayerPlace&, kernels::ActivationKernel, const float*,
                                    const float*, std::size_t, const float*, float*, ThreadTeam&);

template void dense_product<double>(const LayerPlace&, const double*, const double*, std::size_t,
                                    double*, ThreadTeam&);
template void dense_activate<double>(const LayerPlace&, kernels::ActivationKernel, const double*,
                                     std::size_t, double*, ThreadTeam&);
template void dense_forward<double>(const LayerPlace&, kernels::ActivationKernel, const double*,
                                    const double*, std::size_t, double*, ThreadTeam&);
template void dense_gradient<double>(const LayerPlace&, const double*, const double*, std::size_t,
                                     double*, bool, ThreadTeam&);
template void dense_backward<double>(const LayerPlace&, kernels::ActivationKernel, const double*,
                                     const double*, std::size_t, const double*, double*,
                                     ThreadTeam&);

}  // namespace skarma
