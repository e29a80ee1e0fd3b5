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
Network<T>::Network(const NetworkSpec& spec, std::size_t max_rows, bool training, ThreadTeam& team)
    : spec_(spec), max_rows_(max_rows), team_(&team), workspace_(std::make_unique<Workspace>()) {
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
  const auto& layers = spec_.layers();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerPlace& layer = layers[i];
    const bool is_hidden = i + 1 < layers.size();
    T* z = workspace_->outputs[i].memptr();
    if (i == 0 && inputs.is_sparse()) {
      sparse_product(inputs.sparse, parameters + layer.coef, layer.outputs, z);
      if (is_hidden) dense_activate(layer, spec_.hidden().kernel, parameters, rows, z, *team_);
      continue;
    }
    const T* a = i == 0 ? inputs.dense : workspace_->outputs[i - 1].memptr();
    if (is_hidden) {
      dense_forward(layer, spec_.hidden().kernel, parameters, a, rows, z, *team_);
    } else {
      dense_product(layer, parameters, a, rows, z, *team_);
    }
  }
}

/// The product of the first layer with sparse inputs, shared by rows.
template <class T>
void Network<T>::sparse_product(const kernels::SparseRows<T>& x, const T* w, std::size_t units,
                                T* z) const {
  run_in_parts(*team_, x.rows, x.rows * units, [&](std::size_t begin, std::size_t end) {
    kernels::table<T>().sparse_product(
        {x.values, x.columns, x.begins + begin, x.ends + begin, end - begin}, w, units,
        z + begin * units);
  });
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

/// The gradient of the first layer; `with_bias`: of its biases, too.
template <class T>
void Network<T>::input_gradient(const Batch<T>& batch, const T* delta, T* gradient,
                                bool with_bias) const {
  const LayerPlace& first = spec_.layers().front();
  if (!batch.inputs.is_sparse()) {
    dense_gradient(first, batch.inputs.dense, delta, batch.rows, gradient, with_bias, *team_);
    return;
  }
  const auto& kernels = kernels::table<T>();
  std::fill_n(gradient + first.coef, first.inputs * first.outputs, T(0));
  kernels.add_sparse_gradient(batch.inputs.sparse, delta, first.outputs, gradient + first.coef);
  if (with_bias) kernels.column_sums(delta, batch.rows, first.outputs, gradient + first.intercept);
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

  T* next = workspace_->delta.memptr();
  T* after_next = workspace_->next_delta.memptr();
  for (std::size_t i = layers.size(); i-- > 0;) {
    const bool with_bias = i + 1 < layers.size();  // the last layer's are the loss's work
    if (i == 0) {
      input_gradient(batch, delta, gradient, with_bias);
      break;
    }
    const T* inputs = workspace_->outputs[i - 1].memptr();
    dense_gradient(layers[i], inputs, delta, batch.rows, gradient, with_bias, *team_);
    dense_backward(layers[i], spec_.hidden().kernel, parameters, delta, batch.rows, inputs, next,
                   *team_);
    delta = next;
    std::swap(next, after_next);
  }
  return loss;
}

template class Network<float>;
template class Network<double>;

}  // namespace skarma
