#include <skarma/core/net/network.hpp>

#include <algorithm>
#include <vector>

#include <armadillo>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/core/net/layers/dense.hpp>

namespace skarma {

/// outputs[i]: the activations of layer i, (units x max_rows) to Armadillo. delta and next_delta
/// take turns on the way back.
template <class T>
struct Network<T>::Workspace {
  std::vector<arma::Mat<T>> outputs;
  arma::Mat<T> delta;
  arma::Mat<T> next_delta;
};

template <class T>
Network<T>::Network(const NetworkSpec& spec, std::size_t max_rows, bool training)
    : spec_(spec), max_rows_(max_rows), workspace_(std::make_unique<Workspace>()) {
  std::size_t widest_hidden = 0;
  for (const LayerPlace& layer : spec_.layers()) {
    workspace_->outputs.emplace_back(layer.outputs, max_rows, arma::fill::none);
    if (&layer != &spec_.layers().back()) widest_hidden = std::max(widest_hidden, layer.outputs);
  }
  if (training) {
    workspace_->delta.set_size(widest_hidden, max_rows);
    workspace_->next_delta.set_size(widest_hidden, max_rows);
  }
}

template <class T>
Network<T>::~Network() = default;
template <class T>
Network<T>::Network(Network&&) noexcept = default;
template <class T>
Network<T>& Network<T>::operator=(Network&&) noexcept = default;

/// Runs all hidden layers and the product of the last one.
template <class T>
void Network<T>::hidden_forward(const T* parameters, const Inputs<T>& inputs, std::size_t rows) {
  SKARMA_CHECK(rows <= max_rows_);
  const auto& kernels = kernels::table<T>();
  const auto bias_activate = kernels.bias_activate[spec_.hidden().kernel];
  const auto& layers = spec_.layers();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerPlace& layer = layers[i];
    const T* w = parameters + layer.coef;
    T* z = workspace_->outputs[i].memptr();
    if (i == 0 && inputs.is_sparse()) {
      kernels.sparse_product(inputs.sparse, w, layer.outputs, z);
    } else {
      const T* a = i == 0 ? inputs.dense : workspace_->outputs[i - 1].memptr();
      dense_forward(layer, w, a, rows, z);
    }
    if (i + 1 < layers.size()) bias_activate(z, parameters + layer.intercept, rows, layer.outputs);
  }
}

template <class T>
std::span<T> Network<T>::forward(const T* parameters, const Inputs<T>& inputs, std::size_t rows) {
  hidden_forward(parameters, inputs, rows);
  const LayerPlace& last = spec_.layers().back();
  T* z = workspace_->outputs.back().memptr();
  const auto& kernels = kernels::table<T>();
  const auto activate = spec_.loss().targets_are_codes
                            ? kernels.bias_softmax
                            : kernels.bias_activate[spec_.loss().activation];
  activate(z, parameters + last.intercept, rows, last.outputs);
  return {z, rows * last.outputs};
}

/// The gradient of the first layer's coefs.
template <class T>
void Network<T>::input_gradient(const Batch<T>& batch, const T* delta, T* coef_gradient) const {
  const LayerPlace& first = spec_.layers().front();
  if (!batch.inputs.is_sparse()) {
    dense_gradient(first, batch.inputs.dense, delta, batch.rows, coef_gradient);
    return;
  }
  std::fill_n(coef_gradient, first.inputs * first.outputs, T(0));
  kernels::table<T>().add_sparse_gradient(batch.inputs.sparse, delta, first.outputs, coef_gradient);
}

template <class T>
double Network<T>::loss_and_gradient(const T* parameters, const Batch<T>& batch, T* gradient) {
  const auto& kernels = kernels::table<T>();
  const auto& layers = spec_.layers();
  hidden_forward(parameters, batch.inputs, batch.rows);

  T* delta = workspace_->outputs.back().memptr();
  const double loss = kernels.output_delta[spec_.loss().kernel](
      {delta, parameters + layers.back().intercept, batch.values, batch.codes, batch.weights,
       batch.rows, layers.back().outputs},
      gradient + layers.back().intercept);

  const auto mask_bias_gradient = kernels.mask_bias_gradient[spec_.hidden().kernel];
  T* next = workspace_->delta.memptr();
  T* after_next = workspace_->next_delta.memptr();
  for (std::size_t i = layers.size(); i-- > 0;) {
    T* coef_gradient = gradient + layers[i].coef;
    if (i == 0) {
      input_gradient(batch, delta, coef_gradient);
      break;
    }
    const T* inputs = workspace_->outputs[i - 1].memptr();
    dense_gradient(layers[i], inputs, delta, batch.rows, coef_gradient);
    dense_backward(layers[i], parameters + layers[i].coef, delta, batch.rows, next);
    mask_bias_gradient(next, inputs, gradient + layers[i - 1].intercept, batch.rows,
                       layers[i - 1].outputs);
    delta = next;
    std::swap(next, after_next);
  }
  return loss;
}

template class Network<float>;
template class Network<double>;

}  // namespace skarma
