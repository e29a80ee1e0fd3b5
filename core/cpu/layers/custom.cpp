// Users' functions take one sample at a time, in double.
#include <algorithm>
#include <span>

#include <skarma/core/cpu/layers/images.hpp>

namespace skarma {
namespace {

/// The numbers of a row, and of what is made of it, in double.
struct CustomRow {
  std::span<double> x, y;

  template <class T>
  CustomRow(const PlanStep& step, const Pass<T>& pass) {
    struct Room {};
    const std::size_t n_x = n_inputs(step, pass), n_y = pass.node(step).units;
    double* const room = image_room<double, Room>(n_x + n_y);
    x = {room, n_x};
    y = {room + n_x, n_y};
  }

  template <class T>
  static std::size_t n_inputs(const PlanStep& step, const Pass<T>& pass) {
    return pass.spec.nodes()[pass.node(step).reads[0]].units;
  }
};

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
  const CustomRow row(step, pass);
  for (std::size_t i = 0; i < pass.rows; ++i) {
    std::copy_n(x.row(i), row.x.size(), row.x.begin());
    pass.node(step).custom->value(row.x, weights, row.y);
    std::ranges::transform(row.y, to.row(i).begin(), [](double v) { return static_cast<T>(v); });
  }
}

template <class T>
void run_custom_back(const PlanStep& step, const Pass<T>& pass) {
  if (!step.delta) return;  // of the samples
  const auto x = input_rows(step, pass);
  const MatrixView<T> delta = pass.values(*step.delta);
  const auto weights = weights_of(step, pass);
  std::vector<double> by_weights(weights.size()), by_x(CustomRow::n_inputs(step, pass));
  const CustomRow row(step, pass);
  const auto take_back = [&](std::size_t i) {
    std::copy_n(x.row(i), row.x.size(), row.x.begin());
    std::ranges::copy(delta.row(i), row.y.begin());
    std::ranges::fill(by_x, 0.0);
    pass.node(step).custom->derivative(row.x, weights, row.y, by_x, by_weights);
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
