#include <algorithm>

#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/core/cpu/layers/operations.hpp>
#include <skarma/core/cpu/layers/sparse.hpp>

namespace skarma {
namespace {

/// Calls use(x) with what goes into a step: the values of its buffer, or the samples.
template <class T, class Use>
void with_input(const PlanStep& step, const Pass<T>& pass, const Use& use) {
  if (!reads_samples(step, pass)) {
    use(reading(pass.input(step)));
  } else {
    std::visit(use, pass.inputs);
  }
}

// z = x W, with the bias and `activation` where there is one.

template <class T>
void forward_of(const kernels::DenseRows<T>& x, const LayerPlace& layer,
                const std::optional<Activation>& activation, const Pass<T>& pass, MatrixView<T> z) {
  if (activation) {
    dense_forward(layer, *activation, pass.parameters, x, z, pass.team);
  } else {
    dense_product(layer, pass.parameters, x, z, pass.team);
  }
}

template <class T, class Sparse>
void forward_of(const Sparse& x, const LayerPlace& layer,
                const std::optional<Activation>& activation, const Pass<T>& pass, MatrixView<T> z) {
  sparse_product(layer, pass.parameters, x, z, pass.team);
  if (activation) {
    dense_activate(layer, *activation, pass.parameters, z, pass.team);
  }
}

template <class T>
void forward_of(const SparseRowsAndColumns<T>& x, const LayerPlace& layer,
                const std::optional<Activation>& activation, const Pass<T>& pass, MatrixView<T> z) {
  forward_of(x.rows, layer, activation, pass, z);
}

// The gradient of a layer, x' delta; `with_bias`: of its biases, too.

template <class T>
void gradient_of(const kernels::DenseRows<T>& x, const LayerPlace& layer, const Pass<T>& pass,
                 Reading<T> delta, bool with_bias) {
  dense_gradient(layer, x, delta, pass.gradient, with_bias, pass.team);
}

template <class T>
void gradient_of(const kernels::SparseRows<T>& x, const LayerPlace& layer, const Pass<T>& pass,
                 Reading<T> delta, bool with_bias) {
  sparse_gradient(layer, x, delta, pass.gradient, with_bias);
}

template <class T>
void gradient_of(const kernels::SparseColumns<T>& x, const LayerPlace& layer, const Pass<T>& pass,
                 Reading<T> delta, bool with_bias) {
  sparse_gradient(layer, x, delta, pass.gradient, with_bias, pass.team);
}

template <class T>
void gradient_of(const SparseRowsAndColumns<T>& x, const LayerPlace& layer, const Pass<T>& pass,
                 Reading<T> delta, bool with_bias) {
  gradient_of(x.columns, layer, pass, delta, with_bias);
}

/// The values of a dense step, with the bias and `activation` where there is one.
template <class T>
void forward_into(const PlanStep& step, const std::optional<Activation>& activation,
                  const Pass<T>& pass, MatrixView<T> z) {
  with_input(step, pass, [&](const auto& x) { forward_of(x, step.layer, activation, pass, z); });
}

}  // namespace

template <class T>
void run_dense(const PlanStep& step, const Pass<T>& pass) {
  static constexpr std::optional<Activation> identity = find_activation("identity");
  if (!step.preactivation) {
    forward_into(step, step.activation, pass, pass.output(step));
    return;
  }
  const MatrixView<T> z = pass.values(*step.preactivation);
  forward_into(step, identity, pass, z);
  activate<T>(*step.activation, z, pass.output(step), pass.team);
}

template <class T>
void run_dense_back(const PlanStep& step, const Pass<T>& pass) {
  join_derivative(step, pass);
  const MatrixView<T> delta = pass.values(step.through());
  const Slot& bias = pass.slot(step, 1);
  if (!bias.trained) std::fill_n(pass.gradient + bias.offset, bias.size, T(0));
  const bool is_last = !step.activation;  // whose bias is the loss's work
  const bool with_bias = bias.trained && !is_last;
  with_input(step, pass,
             [&](const auto& x) { gradient_of<T>(x, step.layer, pass, delta, with_bias); });
  if (!step.input_delta) return;
  const InputDelta& to = *step.input_delta;
  const MatrixView<T> place = pass.values(to.place);
  dense_backward<T>(step.layer, to.joined, pass.parameters, delta, place, pass.team);
  add_onto(to, pass);
}

template void run_dense<float>(const PlanStep&, const Pass<float>&);
template void run_dense<double>(const PlanStep&, const Pass<double>&);
template void run_dense_back<float>(const PlanStep&, const Pass<float>&);
template void run_dense_back<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
