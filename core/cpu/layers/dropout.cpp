// Srivastava et al., JMLR 15, 2014: inverted, so that predictions need nothing of it.
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

/// to = from times the mask of this step of training.
template <class T>
void drop(const PlanStep& step, const Pass<T>& pass, MatrixView<const T> from, MatrixView<T> to) {
  const double rate = pass.spec.nodes()[step.node].rate;
  const kernels::Dropout<T> mask{pass.training->seed, pass.training->step,
                                 static_cast<std::uint32_t>(step.node), kept_below(rate),
                                 static_cast<T>(1.0 / (1.0 - rate))};
  run_in_parts(
      pass.team, pass.rows, 4 * pass.rows * to.cols(), [&](std::size_t begin, std::size_t end) {
        kernels::table<T>().dropout(mask, strided(from), strided(to), begin, end, to.cols());
      });
}

}  // namespace

template <class T>
void run_dropout(const PlanStep& step, const Pass<T>& pass) {
  const MatrixView<T> from = pass.input(step), to = pass.output(step);
  if (pass.training != nullptr) return drop<T>(step, pass, from, to);
  for (std::size_t i = 0; i < pass.rows; ++i) std::ranges::copy(from.row(i), to.row(i).begin());
}

template <class T>
void run_dropout_back(const PlanStep& step, const Pass<T>& pass) {
  drop<T>(step, pass, pass.values(*step.delta), pass.output(step));
}

template void run_dropout<float>(const PlanStep&, const Pass<float>&);
template void run_dropout<double>(const PlanStep&, const Pass<double>&);
template void run_dropout_back<float>(const PlanStep&, const Pass<float>&);
template void run_dropout_back<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
