#include <algorithm>

#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/core/cpu/layers/operations.hpp>
#include <skarma/core/cpu/layers/sparse.hpp>

namespace skarma {
namespace {

/// What goes into a step: the values of its buffer, or the samples.
template <class T>
kernels::DenseRows<T> input_of(const PlanStep& step, const Pass<T>& pass) {
  return step.input ? reading(pass.input(step)) : pass.inputs.dense;
}

template <class T>
void sparse_forward(const LayerPlace& layer, const Pass<T>& pass, MatrixView<T> z) {
  if (pass.inputs.has_rows()) {
    sparse_product(layer, pass.parameters, pass.inputs.rows, z, pass.team);
  } else {
    sparse_product(layer, pass.parameters, pass.inputs.columns, z, pass.team);
  }
}

/// z = x W, with the bias and `activation` unless it is null.
template <class T>
void forward_into(const PlanStep& step, const Activation* activation, const Pass<T>& pass,
                  MatrixView<T> z) {
  if (!step.input && pass.inputs.is_sparse()) {
    sparse_forward(step.layer, pass, z);
    if (activation != nullptr) {
      dense_activate(step.layer, activation->function, pass.parameters, z, pass.team);
    }
    return;
  }
  const auto input = input_of(step, pass);
  if (activation != nullptr) {
    dense_forward(step.layer, activation->function, pass.parameters, input, z, pass.team);
  } else {
    dense_product(step.layer, pass.parameters, input, z, pass.team);
  }
}

/// The gradient of a layer that reads the samples; `with_bias`: of its biases, too.
template <class T>
void samples_gradient(const LayerPlace& layer, const Pass<T>& pass, MatrixView<const T> delta,
                      bool with_bias) {
  const Inputs<T>& inputs = pass.inputs;
  if (!inputs.is_sparse()) {
    dense_gradient(layer, inputs.dense, delta, pass.gradient, with_bias, pass.team);
  } else if (inputs.has_columns()) {
    sparse_gradient(layer, inputs.columns, delta, pass.gradient, with_bias, pass.team);
  } else {
    sparse_gradient(layer, inputs.rows, delta, pass.gradient, with_bias);
  }
}

}  // namespace

template <class T>
void run_dense(const PlanStep& step, const Pass<T>& pass) {
  constexpr const Activation* identity = find_activation("identity");
  if (!step.preactivation) {
    forward_into(step, step.activation, pass, pass.output(step));
    return;
  }
  const MatrixView<T> z = pass.values(*step.preactivation);
  forward_into(step, identity, pass, z);
  activate<T>(step.activation->function, z, pass.output(step), pass.team);
}

template <class T>
void run_dense_back(const PlanStep& step, const Pass<T>& pass) {
  join_derivative(step, pass);
  const MatrixView<T> delta = pass.values(step.through());
  const Slot& bias = pass.slot(step, 1);
  if (!bias.trained) std::fill_n(pass.gradient + bias.offset, bias.size, T(0));
  const bool is_last = step.activation == nullptr;  // whose bias is the loss's work
  const bool with_bias = bias.trained && !is_last;
  if (!step.input) {
    samples_gradient<T>(step.layer, pass, delta, with_bias);
    return;
  }
  dense_gradient<T>(step.layer, input_of(step, pass), delta, pass.gradient, with_bias, pass.team);
  const InputDelta& to = *step.input_delta;
  const MatrixView<T> place = pass.values(to.place);
  dense_backward<T>(step.layer, to.joined->function, pass.parameters, delta, place, pass.team);
  if (to.onto) add_matrices<T>(pass.values(*to.onto), place, pass.values(*to.onto), pass.team);
}

template void run_dense<float>(const PlanStep&, const Pass<float>&);
template void run_dense<double>(const PlanStep&, const Pass<double>&);
template void run_dense_back<float>(const PlanStep&, const Pass<float>&);
template void run_dense_back<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
