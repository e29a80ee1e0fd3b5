// Both kinds (DroppedValues): predictions need nothing of them.
#include <algorithm>
#include <cstdint>

#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/core/cpu/layers/operations.hpp>
#include <skarma/core/kernels/dispatch.hpp>

namespace skarma {
namespace {

/// Of words that are all equally likely, as many as are kept are below it.
std::uint32_t kept_below(double rate) {
  return static_cast<std::uint32_t>(std::min((1.0 - rate) * 0x1p32, 0x1p32 - 1.0));
}

/// to = from by the mask of this step of training.
template <class T>
void drop(const PlanStep& step, const Pass<T>& pass, const DroppedValues& values,
          MatrixView<const T> from, MatrixView<T> to) {
  const kernels::Dropout<T> mask{pass.training->seed,
                                 pass.training->step,
                                 static_cast<std::uint32_t>(step.node),
                                 kept_below(pass.spec.nodes()[step.node].rate),
                                 static_cast<T>(values.factor),
                                 static_cast<T>(values.shift),
                                 static_cast<T>(values.dropped)};
  run_in_parts(
      pass.team, pass.rows, 4 * pass.rows * to.cols(), [&](std::size_t begin, std::size_t end) {
        kernels::table<T>().dropout(mask, strided(from), strided(to), begin, end, to.cols());
      });
}

template <class T>
DroppedValues values_of(const PlanStep& step, const Pass<T>& pass) {
  return dropped_values(step.operation, pass.spec.nodes()[step.node].rate);
}

}  // namespace

template <class T>
void run_dropout(const PlanStep& step, const Pass<T>& pass) {
  const MatrixView<T> to = pass.output(step);
  if (pass.training != nullptr) {
    return drop<T>(step, pass, values_of(step, pass), dense_input(step, pass), to);
  }
  const MatrixView<T> from = pass.input(step);
  for (std::size_t i = 0; i < pass.rows; ++i) std::ranges::copy(from.row(i), to.row(i).begin());
}

template <class T>
void run_dropout_back(const PlanStep& step, const Pass<T>& pass) {
  if (!step.delta) return;  // of the samples
  const DroppedValues slope{values_of(step, pass).factor, 0.0, 0.0};
  drop<T>(step, pass, slope, pass.values(*step.delta), pass.output(step));
}

template void run_dropout<float>(const PlanStep&, const Pass<float>&);
template void run_dropout<double>(const PlanStep&, const Pass<double>&);
template void run_dropout_back<float>(const PlanStep&, const Pass<float>&);
template void run_dropout_back<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
