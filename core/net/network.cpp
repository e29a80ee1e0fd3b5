#include <skarma/core/net/network.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/core/net/layers/dense.hpp>
#include <skarma/core/net/layers/sparse.hpp>
#include <skarma/core/net/padded_rows.hpp>

namespace skarma {

/// hidden[i]: the activations of hidden layer i and, on the way back, its delta.
template <class T>
struct Network<T>::Workspace {
  std::vector<PaddedRows<T>> hidden;
  std::vector<T> outputs;  // (max_rows, n_outputs), contiguous
};

template <class T>
Network<T>::Network(const NetworkSpec& spec, std::size_t max_rows, ThreadTeam& team)
    : spec_(spec), max_rows_(max_rows), team_(&team), workspace_(std::make_unique<Workspace>()) {
  for (std::size_t i = 0; i + 1 < spec_.layers().size(); ++i) {
    workspace_->hidden.emplace_back(max_rows, spec_.layers()[i].outputs);
  }
  workspace_->outputs.resize(max_rows * spec_.n_outputs());
}

template <class T>
Network<T>::~Network() = default;
template <class T>
Network<T>::Network(Network&&) noexcept = default;
template <class T>
Network<T>& Network<T>::operator=(Network&&) noexcept = default;

/// The activations of hidden layer i.
template <class T>
MatrixView<T> Network<T>::hidden(std::size_t i, std::size_t rows) {
  return workspace_->hidden[i].view(rows, spec_.layers()[i].outputs);
}

/// What goes into layer i: the activations before it, or the samples.
template <class T>
kernels::DenseRows<T> Network<T>::input_of(std::size_t i, const Inputs<T>& inputs,
                                           std::size_t rows) {
  return i == 0 ? inputs.dense : reading(hidden(i - 1, rows));
}

/// Runs all hidden layers and the product of the last one, which it returns.
template <class T>
MatrixView<T> Network<T>::hidden_forward(const T* parameters, const Inputs<T>& inputs,
                                         std::size_t rows) {
  SKARMA_CHECK(rows <= max_rows_);
  const auto& layers = spec_.layers();
  const MatrixView<T> outputs(workspace_->outputs.data(), rows, spec_.n_outputs());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerPlace& layer = layers[i];
    const bool is_hidden = i + 1 < layers.size();
    const MatrixView<T> z = is_hidden ? hidden(i, rows) : outputs;
    if (i == 0 && inputs.is_sparse()) {
      sparse_forward(parameters, inputs, z);
      if (is_hidden) dense_activate(layer, spec_.hidden().kernel, parameters, z, *team_);
    } else if (is_hidden) {
      dense_forward(layer, spec_.hidden().kernel, parameters, input_of(i, inputs, rows), z, *team_);
    } else {
      dense_product(layer, parameters, input_of(i, inputs, rows), z, *team_);
    }
  }
  return outputs;
}

template <class T>
void Network<T>::sparse_forward(const T* parameters, const Inputs<T>& inputs,
                                MatrixView<T> z) const {
  const LayerPlace& first = spec_.layers().front();
  if (inputs.has_rows()) {
    sparse_product(first, parameters, inputs.rows, z, *team_);
  } else {
    sparse_product(first, parameters, inputs.columns, z, *team_);
  }
}

template <class T>
std::span<T> Network<T>::forward(const T* parameters, const Inputs<T>& inputs, std::size_t rows) {
  const MatrixView<T> z = hidden_forward(parameters, inputs, rows);
  const T* bias = parameters + spec_.layers().back().intercept;
  const auto& kernels = kernels::table<T>();
  if (const auto link = spec_.loss().elementwise_link) {
    kernels.bias_activate[*link]({z.data(), z.cols()}, bias, rows, z.cols());
  } else {
    kernels.bias_softmax(z.data(), bias, rows, z.cols());
  }
  return {z.data(), rows * z.cols()};
}

/// The gradient of the first layer; `with_bias`: of its biases, too.
template <class T>
void Network<T>::input_gradient(const Batch<T>& batch, MatrixView<const T> delta, T* gradient,
                                bool with_bias) {
  const LayerPlace& first = spec_.layers().front();
  if (!batch.inputs.is_sparse()) {
    dense_gradient(first, batch.inputs.dense, delta, gradient, with_bias, *team_);
    return;
  }
  if (batch.inputs.has_columns()) {
    sparse_gradient(first, batch.inputs.columns, delta, gradient, with_bias, *team_);
  } else {
    sparse_gradient(first, batch.inputs.rows, delta, gradient, with_bias);
  }
}

template <class T>
double Network<T>::loss_and_gradient(const T* parameters, const Batch<T>& batch, T* gradient) {
  const auto& layers = spec_.layers();
  MatrixView<T> delta = hidden_forward(parameters, batch.inputs, batch.rows);
  const double loss = kernels::table<T>().output_delta[spec_.loss().kernel](
      {delta.data(), parameters + layers.back().intercept, batch.values, batch.codes, batch.weights,
       batch.rows, layers.back().outputs},
      gradient + layers.back().intercept);

  for (std::size_t i = layers.size(); i-- > 0;) {
    const bool with_bias = i + 1 < layers.size();  // the last layer's are the loss's work
    if (i == 0) {
      input_gradient(batch, delta, gradient, with_bias);
      break;
    }
    const MatrixView<T> inputs = hidden(i - 1, batch.rows);
    dense_gradient(layers[i], reading(inputs), delta, gradient, with_bias, *team_);
    dense_backward(layers[i], spec_.hidden().kernel, parameters, delta, inputs, *team_);
    delta = inputs;
  }
  return loss;
}

template class Network<float>;
template class Network<double>;

}  // namespace skarma
