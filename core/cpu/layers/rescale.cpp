#include <skarma/core/cpu/layers/operations.hpp>

namespace skarma {

template <class T>
void run_rescale(const PlanStep& step, const Pass<T>& pass) {
  const auto x = input_rows(step, pass);
  const MatrixView<T> to = pass.output(step);
  const T scale = static_cast<T>(pass.node(step).rate);
  const T shift = static_cast<T>(pass.node(step).shift);
  for (std::size_t i = 0; i < pass.rows; ++i) {
    const T* const from = x.row(i);
    T* const row = to.row(i).data();
    for (std::size_t j = 0; j < to.cols(); ++j) row[j] = from[j] * scale + shift;
  }
}

template <class T>
void run_rescale_back(const PlanStep& step, const Pass<T>& pass) {
  if (!step.delta) return;  // of the samples
  const MatrixView<T> delta = pass.values(*step.delta), to = pass.output(step);
  const T scale = static_cast<T>(pass.node(step).rate);
  for (std::size_t i = 0; i < pass.rows; ++i) {
    for (std::size_t j = 0; j < to.cols(); ++j) to(i, j) = delta(i, j) * scale;
  }
}

template void run_rescale<float>(const PlanStep&, const Pass<float>&);
template void run_rescale<double>(const PlanStep&, const Pass<double>&);
template void run_rescale_back<float>(const PlanStep&, const Pass<float>&);
template void run_rescale_back<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
