// Users' functions take one sample at a time, in double.
#include <algorithm>
#include <vector>

#include <skarma/core/cpu/layers/images.hpp>

namespace skarma {
namespace {

template <class T>
std::size_t n_inputs(const PlanStep& step, const Pass<T>& pass) {
  return pass.spec.nodes()[pass.node(step).reads[0]].units;
}

/// Of the slot, if there is one.
template <class T>
std::vector<double> weights_of(const PlanStep& step, const Pass<T>& pass) {
  if (pass.node(step).slots.empty()) return {};
  const Slot& slot = pass.slot(step, 0);
  const T* const first = pass.parameters + slot.offset;
  return {first, first + slot.size};
}

}  // namespace

template <class T>
void run_custom(const PlanStep& step, const Pass<T>& pass) {
  const auto x = input_rows(step, pass);
  const MatrixView<T> to = pass.output(step);
  const auto weights = weights_of(step, pass);
  std::vector<double> x_row(n_inputs(step, pass)), y_row(to.cols());
  for (std::size_t i = 0; i < pass.rows; ++i) {
    std::copy_n(x.row(i), x_row.size(), x_row.begin());
    pass.node(step).custom->value(x_row, weights, y_row);
    std::ranges::transform(y_row, to.row(i).begin(), [](double v) { return static_cast<T>(v); });
  }
}

template <class T>
void run_custom_back(const PlanStep& step, const Pass<T>& pass) {
  if (!step.delta) return;  // of the samples
  const auto x = input_rows(step, pass);
  const MatrixView<T> delta = pass.values(*step.delta);
  const auto weights = weights_of(step, pass);
  std::vector<double> by_weights(weights.size()), by_x(n_inputs(step, pass));
  std::vector<double> x_row(by_x.size()), delta_row(delta.cols());
  const auto take_back = [&](std::size_t i) {
    std::copy_n(x.row(i), x_row.size(), x_row.begin());
    std::ranges::copy(delta.row(i), delta_row.begin());
    std::ranges::fill(by_x, 0.0);
    pass.node(step).custom->derivative(x_row, weights, delta_row, by_x, by_weights);
  };
  if (step.input_delta) {
    const InputDelta& to = *step.input_delta;
    const MatrixView<T> place = pass.values(to.place);
    std::vector<T> derivative(by_x.size());
    for (std::size_t i = 0; i < pass.rows; ++i) {
      take_back(i);
      std::ranges::transform(by_x, derivative.begin(), [](double v) { return static_cast<T>(v); });
      mask_by<T>(to.joined, {derivative.data(), 1, place.cols()},
                 {place.row(i).data(), 1, place.cols()}, ThreadTeam::alone());
    }
    add_onto(to, pass);
  } else {
    for (std::size_t i = 0; i < pass.rows; ++i) take_back(i);
  }
  if (weights.empty()) return;
  std::ranges::transform(by_weights, pass.gradient + pass.slot(step, 0).offset,
                         [](double v) { return static_cast<T>(v); });
}

template void run_custom<float>(const PlanStep&, const Pass<float>&);
template void run_custom<double>(const PlanStep&, const Pass<double>&);
template void run_custom_back<float>(const PlanStep&, const Pass<float>&);
template void run_custom_back<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
