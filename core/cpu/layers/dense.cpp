#include <skarma/core/cpu/layers/dense.hpp>

#include <vector>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/cpu/layers/blas_products.hpp>
#include <skarma/core/kernels/dispatch.hpp>

namespace skarma {
namespace {

using kernels::DenseProduct;

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
    part.a = whole.a.from_row(begin);
    part.c.data = whole.c.row(begin);
    if (part.beside != nullptr) part.beside += begin * beside_stride;
    part.rows = end - begin;
    part.room = room<T>(kernels::table<T>().product_room(whole.cols, whole.depth));
    kernel(part);
  });
}

/// A matrix of the shape and stride of another one, in this thread's memory.
template <class T>
MatrixView<T> apart(MatrixView<T> other) {
  thread_local std::vector<T> memory;
  const std::size_t size = other.rows() * other.row_stride();
  if (memory.size() < size) memory.resize(size);
  return {memory.data(), other.rows(), other.cols(), other.row_stride()};
}

/// Whether what lies behind its rows may be written.
template <class T>
bool is_padded(const MatrixView<T>& matrix) {
  return matrix.row_stride() * sizeof(T) % 64 == 0;
}

/// input W, and what `kernel` does with a bias beside it.
template <class T>
void multiply_forward(void (*kernel)(const DenseProduct<T>&), const LayerPlace& layer,
                      const T* parameters, const T* bias, const kernels::DenseRows<T>& input,
                      MatrixView<T> output, T number, ThreadTeam& team) {
  SKARMA_CHECK(input.starts == nullptr || takes_rows_anywhere(layer.inputs, layer.outputs));
  const DenseProduct<T> product{input,
                                {parameters + layer.coef, layer.outputs},
                                strided(output),
                                output.rows(),
                                layer.outputs,
                                layer.inputs,
                                bias,
                                nullptr,
                                number};
  multiply<T>(kernel, product, 0, team);
}

/// Rows with a stride as BLAS takes them.
template <class T>
MatrixView<const T> matrix_of(const LayerPlace& layer, const kernels::DenseRows<T>& input,
                              std::size_t rows) {
  SKARMA_CHECK(input.starts == nullptr);
  return {input.row(0), rows, layer.inputs, input.stride};
}

}  // namespace

template <class T>
void dense_product(const LayerPlace& layer, const T* parameters, InputRows<T> input,
                   MatrixView<T> output, ThreadTeam& team) {
  if (is_left_to_blas(layer.inputs * layer.outputs)) {
    blas_forward<T>(layer, parameters + layer.coef, matrix_of<T>(layer, input, output.rows()),
                    output, team);
    return;
  }
  multiply_forward<T>(kernels::table<T>().product, layer, parameters, nullptr, input, output, T(0),
                      team);
}

template <class T>
void dense_activate(const LayerPlace& layer, const Activation& activation, const T* parameters,
                    MatrixView<T> z, ThreadTeam& team) {
  const auto bias_activate = kernels::table<T>().bias_activate[activation.function];
  const auto number = static_cast<T>(activation.number);
  const auto matrix = strided(z);
  run_in_parts(team, z.rows(), z.rows() * layer.outputs, [&](std::size_t begin, std::size_t end) {
    bias_activate({matrix.row(begin), matrix.stride}, parameters + layer.intercept, end - begin,
                  layer.outputs, number);
  });
}

template <class T>
void activate(const Activation& activation, Reading<T> z, MatrixView<T> a, ThreadTeam& team) {
  const auto kernel = kernels::table<T>().activate[activation.function];
  const auto number = static_cast<T>(activation.number);
  run_in_parts(team, z.rows(), z.rows() * z.cols(), [&](std::size_t begin, std::size_t end) {
    kernel({z.row(begin).data(), z.row_stride()}, {a.row(begin).data(), a.row_stride()},
           end - begin, z.cols(), number);
  });
}

template <class T>
void add_matrices(Reading<T> a, Reading<T> b, MatrixView<T> c, ThreadTeam& team) {
  const auto add = kernels::table<T>().add;
  run_in_parts(team, c.rows(), c.rows() * c.cols(), [&](std::size_t begin, std::size_t end) {
    add({a.row(begin).data(), a.row_stride()}, {b.row(begin).data(), b.row_stride()},
        {c.row(begin).data(), c.row_stride()}, end - begin, c.cols());
  });
}

template <class T>
void dense_forward(const LayerPlace& layer, const Activation& activation, const T* parameters,
                   InputRows<T> input, MatrixView<T> output, ThreadTeam& team) {
  const auto kernel = kernels::table<T>().product_activate[activation.function];
  if (kernel == nullptr || is_left_to_blas(layer.inputs * layer.outputs)) {
    dense_product(layer, parameters, input, output, team);
    dense_activate(layer, activation, parameters, output, team);
    return;
  }
  multiply_forward<T>(kernel, layer, parameters, parameters + layer.intercept, input, output,
                      static_cast<T>(activation.number), team);
}

template <class T>
void bias_gradient(const LayerPlace& layer, Reading<T> delta, T* gradient) {
  kernels::table<T>().column_sums(strided(delta), delta.rows(), layer.outputs,
                                  gradient + layer.intercept);
}

template <class T>
void dense_gradient(const LayerPlace& layer, InputRows<T> input, Reading<T> delta, T* gradient,
                    bool with_bias, ThreadTeam& team) {
  const auto& kernels = kernels::table<T>();
  T* coefs = gradient + layer.coef;
  if (with_bias) bias_gradient<T>(layer, delta, gradient);
  if (is_left_to_blas(layer.inputs * layer.outputs)) {
    blas_gradient<T>(layer, matrix_of<T>(layer, input, delta.rows()), delta, coefs, team);
    return;
  }
  const DenseProduct<T> whole{input,        strided(delta), {coefs, layer.outputs},
                              layer.inputs, layer.outputs,  delta.rows(),
                              nullptr,      nullptr};
  in_parts(whole, team, [&](std::size_t begin, std::size_t end) {
    DenseProduct<T> part = whole;
    part.a.column += begin;
    part.c.data = whole.c.row(begin);
    part.rows = end - begin;
    part.room = room<T>(kernels.gradient_room(whole.cols, whole.depth));
    kernels.gradient_product(part);
  });
}

template <class T>
void mask_by(const Activation& activation, Reading<T> delta, MatrixView<T> through,
             ThreadTeam& team) {
  const auto mask = kernels::table<T>().mask[activation.function];
  const auto number = static_cast<T>(activation.number);
  run_in_parts(team, through.rows(), through.rows() * through.cols(),
               [&](std::size_t begin, std::size_t end) {
                 mask({delta.row(begin).data(), delta.row_stride()},
                      {through.row(begin).data(), through.row_stride()}, end - begin,
                      through.cols(), number);
               });
}

template <class T>
void dense_backward(const LayerPlace& layer, const Activation& activation, const T* parameters,
                    Reading<T> delta, MatrixView<T> through, ThreadTeam& team) {
  const T* w = parameters + layer.coef;
  const auto& kernels = kernels::table<T>();
  const auto kernel = kernels.backward_product[activation.function];
  const bool by_blas = is_left_to_blas(layer.inputs * layer.outputs);
  DenseProduct<T> product{reading(delta),
                          {w, layer.outputs},
                          strided(through),
                          through.rows(),
                          layer.inputs,
                          layer.outputs,
                          through.data(),
                          nullptr,
                          static_cast<T>(activation.number)};
  if (kernel != nullptr && !by_blas && is_padded(through)) {
    multiply<T>(kernel, product, through.row_stride(), team);
    return;
  }
  const MatrixView<T> plain = apart<T>(through);
  if (by_blas) {
    blas_backward<T>(layer, w, delta, plain, team);
  } else {
    product.c = strided(plain);  // beside `through`, which identity's derivative does not look at
    multiply<T>(kernels.backward_product[kIdentity], product, through.row_stride(), team);
  }
  mask_by<T>(activation, plain, through, team);
}

template void dense_product<float>(const LayerPlace&, const float*, InputRows<float>,
                                   MatrixView<float>, ThreadTeam&);
template void dense_activate<float>(const LayerPlace&, const Activation&, const float*,
                                    MatrixView<float>, ThreadTeam&);
template void dense_forward<float>(const LayerPlace&, const Activation&, const float*,
                                   InputRows<float>, MatrixView<float>, ThreadTeam&);
template void bias_gradient<float>(const LayerPlace&, Reading<float>, float*);
template void dense_gradient<float>(const LayerPlace&, InputRows<float>, Reading<float>, float*,
                                    bool, ThreadTeam&);
template void dense_backward<float>(const LayerPlace&, const Activation&, const float*,
                                    Reading<float>, MatrixView<float>, ThreadTeam&);
template void mask_by<float>(const Activation&, Reading<float>, MatrixView<float>, ThreadTeam&);
template void add_matrices<float>(Reading<float>, Reading<float>, MatrixView<float>, ThreadTeam&);
template void activate<float>(const Activation&, Reading<float>, MatrixView<float>, ThreadTeam&);

template void dense_product<double>(const LayerPlace&, const double*, InputRows<double>,
                                    MatrixView<double>, ThreadTeam&);
template void dense_activate<double>(const LayerPlace&, const Activation&, const double*,
                                     MatrixView<double>, ThreadTeam&);
template void dense_forward<double>(const LayerPlace&, const Activation&, const double*,
                                    InputRows<double>, MatrixView<double>, ThreadTeam&);
template void bias_gradient<double>(const LayerPlace&, Reading<double>, double*);
template void dense_gradient<double>(const LayerPlace&, InputRows<double>, Reading<double>, double*,
                                     bool, ThreadTeam&);
template void dense_backward<double>(const LayerPlace&, const Activation&, const double*,
                                     Reading<double>, MatrixView<double>, ThreadTeam&);
template void mask_by<double>(const Activation&, Reading<double>, MatrixView<double>, ThreadTeam&);
template void add_matrices<double>(Reading<double>, Reading<double>, MatrixView<double>,
                                   ThreadTeam&);
template void activate<double>(const Activation&, Reading<double>, MatrixView<double>, ThreadTeam&);

}  // namespace skarma
