#include <skarma/core/cpu/layers/operations.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <variant>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/cpu/layers/dense.hpp>

namespace skarma {
namespace {

template <class T>
void nothing_to_do(const PlanStep&, const Pass<T>&) {}

/// In the order of Operation. Inputs are there, and to flatten them is nothing.
template <class T>
constexpr std::array<LayerOperation<T>, static_cast<std::size_t>(Operation::count)> kOperations = {{
    {nullptr, nullptr},
    {run_dense<T>, run_dense_back<T>},
    {run_activation<T>, join_derivative<T>},
    {run_batch_norm<T>, run_batch_norm_back<T>},
    {run_dropout<T>, run_dropout_back<T>},
    {run_add<T>, run_add_back<T>},
    {run_noise<T>, nothing_to_do<T>},
    {run_layer_norm<T>, run_layer_norm_back<T>},
    {run_dropout<T>, run_dropout_back<T>},
    {run_maxout<T>, run_maxout_back<T>},
    {run_conv2d<T>, run_conv2d_back<T>},
    {run_max_pool<T>, run_max_pool_back<T>},
    {run_average_pool<T>, run_average_pool_back<T>},
    {run_rescale<T>, run_rescale_back<T>},
    {nullptr, nullptr},
    {run_custom<T>, run_custom_back<T>},
}};

}  // namespace

template <class T>
const LayerOperation<T>& operation_of(const PlanStep& step) {
  const auto& row = kOperations<T>[static_cast<std::size_t>(step.operation)];
  SKARMA_CHECK(row.forward != nullptr);
  return row;
}

template <class T>
void join_derivative(const PlanStep& step, const Pass<T>& pass) {
  if (!step.delta) return;
  mask_by<T>(*step.activation, pass.values(*step.delta), pass.values(step.through()), pass.team);
}

template <class T>
bool reads_samples(const PlanStep& step, const Pass<T>& pass) {
  if (!step.input || pass.training != nullptr) return !step.input;
  const auto& steps = pass.spec.plan().steps;
  const auto passed_over = std::span(steps).first(first_layer(pass.spec.plan()));
  return std::ranges::any_of(passed_over,
                             [&](const PlanStep& s) { return s.output == *step.input; });
}

template <class T>
kernels::DenseRows<T> input_rows(const PlanStep& step, const Pass<T>& pass) {
  if (!reads_samples(step, pass)) return reading(pass.input(step));
  return std::get<kernels::DenseRows<T>>(pass.inputs);
}

template <class T>
void add_onto(const InputDelta& to, const Pass<T>& pass) {
  if (!to.onto) return;
  const MatrixView<T> sum = pass.values(*to.onto);
  add_matrices<T>(sum, pass.values(to.place), sum, pass.team);
}

template <class T>
void run_activation(const PlanStep& step, const Pass<T>& pass) {
  const kernels::DenseRows<T> x = input_rows(step, pass);
  const MatrixView<T> z = pass.values(step.through());
  for (std::size_t i = 0; i < pass.rows; ++i) std::copy_n(x.row(i), z.cols(), z.row(i).data());
  activate<T>(*step.activation, z, pass.output(step), pass.team);
}

template <class T>
void run_add(const PlanStep& step, const Pass<T>& pass) {
  add_matrices<T>(pass.input(step), pass.values(*step.second), pass.output(step), pass.team);
}

template <class T>
void run_add_back(const PlanStep& step, const Pass<T>& pass) {
  if (!step.input_delta) return;
  const MatrixView<T> delta = pass.values(*step.delta),
                      place = pass.values(step.input_delta->place);
  for (std::size_t i = 0; i < pass.rows; ++i) {
    std::ranges::copy(delta.row(i), place.row(i).begin());
  }
}

template const LayerOperation<float>& operation_of<float>(const PlanStep&);
template const LayerOperation<double>& operation_of<double>(const PlanStep&);
template void run_add<float>(const PlanStep&, const Pass<float>&);
template void run_add_back<float>(const PlanStep&, const Pass<float>&);
template void run_add_back<double>(const PlanStep&, const Pass<double>&);
template void run_add<double>(const PlanStep&, const Pass<double>&);
template void join_derivative<float>(const PlanStep&, const Pass<float>&);
template void join_derivative<double>(const PlanStep&, const Pass<double>&);
template bool reads_samples<float>(const PlanStep&, const Pass<float>&);
template kernels::DenseRows<float> input_rows<float>(const PlanStep&, const Pass<float>&);
template void add_onto<float>(const InputDelta&, const Pass<float>&);
template void run_activation<float>(const PlanStep&, const Pass<float>&);
template bool reads_samples<double>(const PlanStep&, const Pass<double>&);
template kernels::DenseRows<double> input_rows<double>(const PlanStep&, const Pass<double>&);
template void add_onto<double>(const InputDelta&, const Pass<double>&);
template void run_activation<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
