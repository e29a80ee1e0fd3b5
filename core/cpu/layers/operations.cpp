#include <skarma/core/cpu/layers/operations.hpp>

#include <array>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/cpu/layers/dense.hpp>

namespace skarma {
namespace {

template <class T>
void nothing_to_do(const PlanStep&, const Pass<T>&) {}

/// In the order of Operation. Inputs are there, and activations are joined to other steps.
template <class T>
constexpr std::array<LayerOperation<T>, static_cast<std::size_t>(Operation::count)> kOperations = {{
    {nullptr, nullptr},
    {run_dense<T>, run_dense_back<T>},
    {nullptr, nullptr},
    {run_batch_norm<T>, run_batch_norm_back<T>},
    {run_dropout<T>, run_dropout_back<T>},
    {run_add<T>, nothing_to_do<T>},
    {run_noise<T>, nothing_to_do<T>},
    {run_layer_norm<T>, run_layer_norm_back<T>},
    {run_dropout<T>, run_dropout_back<T>},
    {run_maxout<T>, run_maxout_back<T>},
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
void run_add(const PlanStep& step, const Pass<T>& pass) {
  add_matrices<T>(pass.input(step), pass.values(*step.second), pass.output(step), pass.team);
}

template const LayerOperation<float>& operation_of<float>(const PlanStep&);
template const LayerOperation<double>& operation_of<double>(const PlanStep&);
template void run_add<float>(const PlanStep&, const Pass<float>&);
template void run_add<double>(const PlanStep&, const Pass<double>&);
template void join_derivative<float>(const PlanStep&, const Pass<float>&);
template void join_derivative<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
