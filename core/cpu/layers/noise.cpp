// Gaussian noise (Bishop, Neural Computation 7, 1995), and the samples that it is added to.
#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <variant>

#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/core/cpu/layers/operations.hpp>
#include <skarma/core/kernels/dispatch.hpp>

namespace skarma {
namespace {

template <class T>
void put_row(const kernels::DenseRows<T>& x, std::size_t i, std::span<T> to) {
  std::copy_n(x.row(i), to.size(), to.begin());
}

template <class T>
void put_row(const kernels::SparseRows<T>& x, std::size_t i, std::span<T> to) {
  std::ranges::fill(to, T(0));
  for (std::int64_t k = x.begins[i]; k < x.ends[i]; ++k) {
    to[static_cast<std::size_t>(x.columns[k])] += x.values[k];
  }
}

template <class T, class Columns>
void put_row(const Columns&, std::size_t, std::span<T>) {
  throw std::logic_error("Batches that are to be changed come by rows.");
}

}  // namespace

template <class T>
MatrixView<T> dense_input(const PlanStep& step, const Pass<T>& pass) {
  if (step.input) return pass.input(step);
  const MatrixView<T> to = pass.output(step);
  std::visit(
      [&](const auto& x) {
        run_in_parts(pass.team, pass.rows, pass.rows * to.cols(),
                     [&](std::size_t begin, std::size_t end) {
                       for (std::size_t i = begin; i < end; ++i) put_row<T>(x, i, to.row(i));
                     });
      },
      pass.inputs);
  return to;
}

template <class T>
void run_noise(const PlanStep& step, const Pass<T>& pass) {
  const MatrixView<T> from = dense_input(step, pass), to = pass.output(step);
  const kernels::Noise noise{pass.training->seed, pass.training->step,
                             static_cast<std::uint32_t>(step.node),
                             pass.spec.nodes()[step.node].rate};
  run_in_parts(pass.team, pass.rows, 16 * pass.rows * to.cols(),
               [&](std::size_t begin, std::size_t end) {
                 kernels::table<T>().noise(noise, {from.data(), from.row_stride()}, strided(to),
                                           begin, end, to.cols());
               });
}

template MatrixView<float> dense_input<float>(const PlanStep&, const Pass<float>&);
template MatrixView<double> dense_input<double>(const PlanStep&, const Pass<double>&);
template void run_noise<float>(const PlanStep&, const Pass<float>&);
template void run_noise<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
