#include <skarma/core/net/network.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/core/net/layers/dense.hpp>
#include <skarma/core/net/layers/sparse.hpp>
#include <skarma/core/net/padded_rows.hpp>
#include <skarma/core/net/plan.hpp>

namespace skarma {

/// The plan, and room for its buffers but the last: that one has no padding.
template <class T>
struct Network<T>::Workspace {
  Plan plan;
  std::vector<PaddedRows<T>> buffers;
  std::vector<T> outputs;  // (max_rows, n_outputs)

  Workspace(const NetworkSpec& spec, std::size_t max_rows)
      : plan(spec), outputs(max_rows * spec.n_outputs()) {
    for (std::size_t i = 0; i + 1 < plan.widths.size(); ++i) {
      buffers.emplace_back(max_rows, plan.widths[i]);
    }
  }

  MatrixView<T> values(BufferId buffer, std::size_t rows) {
    if (buffer == buffers.size()) return {outputs.data(), rows, plan.widths.back()};
    return buffers[buffer].view(rows, plan.widths[buffer]);
  }
};

template <class T>
Network<T>::Network(const NetworkSpec& spec, std::size_t max_rows, ThreadTeam& team)
    : spec_(spec),
      max_rows_(max_rows),
      team_(&team),
      workspace_(std::make_unique<Workspace>(spec, max_rows)) {}

template <class T>
Network<T>::~Network() = default;
template <class T>
Network<T>::Network(Network&&) noexcept = default;
template <class T>
Network<T>& Network<T>::operator=(Network&&) noexcept = default;

/// What goes into a step: the values of its buffer, or the samples.
template <class T>
kernels::DenseRows<T> Network<T>::input_of(const PlanStep& step, const Inputs<T>& inputs,
                                           std::size_t rows) {
  return step.input ? reading(workspace_->values(*step.input, rows)) : inputs.dense;
}

/// z = x W, with the bias and `activation` unless it is null.
template <class T>
void Network<T>::layer_forward(const PlanStep& step, const Activation* activation,
                               const T* parameters, const Inputs<T>& inputs, MatrixView<T> z) {
  if (!step.input && inputs.is_sparse()) {
    sparse_forward(parameters, inputs, z);
    if (activation != nullptr) {
      dense_activate(step.layer, activation->kernel, parameters, z, *team_);
    }
    return;
  }
  const auto input = input_of(step, inputs, z.rows());
  if (activation != nullptr) {
    dense_forward(step.layer, activation->kernel, parameters, input, z, *team_);
  } else {
    dense_product(step.layer, parameters, input, z, *team_);
  }
}

/// Runs all steps; the last leaves its product alone, which is returned.
template <class T>
MatrixView<T> Network<T>::run_forward(const T* parameters, const Inputs<T>& inputs,
                                      std::size_t rows) {
  SKARMA_CHECK(rows <= max_rows_);
  constexpr const Activation* identity = find_activation("identity");
  for (const PlanStep& step : workspace_->plan.steps) {
    const MatrixView<T> output = workspace_->values(step.output, rows);
    if (!step.preactivation) {
      layer_forward(step, step.activation, parameters, inputs, output);
      continue;
    }
    const MatrixView<T> z = workspace_->values(*step.preactivation, rows);
    layer_forward(step, identity, parameters, inputs, z);
    activate<T>(step.activation->kernel, z, output, *team_);
  }
  return workspace_->values(workspace_->plan.steps.back().output, rows);
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
  const MatrixView<T> z = run_forward(parameters, inputs, rows);
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
  const auto& steps = workspace_->plan.steps;
  const LayerPlace& last = steps.back().layer;
  MatrixView<T> delta = run_forward(parameters, batch.inputs, batch.rows);
  const double loss = kernels::table<T>().output_delta[spec_.loss().kernel](
      {delta.data(), parameters + last.intercept, batch.values, batch.codes, batch.weights,
       batch.rows, last.outputs},
      gradient + last.intercept);

  for (std::size_t i = steps.size(); i-- > 0;) {
    const bool with_bias = i + 1 < steps.size();  // the last layer's are the loss's work
    const PlanStep& step = steps[i];
    if (!step.input) {
      input_gradient(batch, delta, gradient, with_bias);
      continue;
    }
    dense_gradient(step.layer, reading(workspace_->values(*step.input, batch.rows)), delta,
                   gradient, with_bias, *team_);
    const PlanStep& before = steps[i - 1];
    const MatrixView<T> through =
        workspace_->values(before.preactivation.value_or(before.output), batch.rows);
    dense_backward(step.layer, before.activation->kernel, parameters, delta, through, *team_);
    delta = through;
  }
  return loss;
}

template class Network<float>;
template class Network<double>;

}  // namespace skarma
