// Ba, Kiros and Hinton, arXiv:1607.06450.
#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/core/cpu/layers/operations.hpp>
#include <skarma/core/kernels/dispatch.hpp>

namespace skarma {
namespace {

template <class T>
struct LayerNumbers {
  const T *gamma, *beta;
  MatrixView<T> scales;

  LayerNumbers(const PlanStep& step, const Pass<T>& pass)
      : gamma(pass.parameters + pass.slot(step, 0).offset),
        beta(pass.parameters + pass.slot(step, 1).offset),
        scales(by_channel(pass.values(*step.row_scales), 1)) {}

  kernels::Strided<T> scales_from(std::size_t row) const {
    return {scales.row(row).data(), scales.row_stride()};
  }
};

/// Values as rows of what is normalised: of the channels of a place, or of a sample.
template <class T>
MatrixView<T> rows_of(const PlanStep& step, const Pass<T>& pass, BufferId buffer) {
  return by_channel(pass.values(buffer), pass.slot(step, 0).size);
}

}  // namespace

/// The normalised values take the place of x.
template <class T>
void run_layer_norm(const PlanStep& step, const Pass<T>& pass) {
  const LayerNumbers<T> numbers(step, pass);
  const MatrixView<T> x = rows_of(step, pass, *step.input), y = rows_of(step, pass, step.through());
  run_in_parts(pass.team, x.rows(), 4 * x.rows() * x.cols(),
               [&](std::size_t begin, std::size_t end) {
                 kernels::table<T>().normalise_rows({{x.row(begin).data(), x.row_stride()},
                                                     {y.row(begin).data(), y.row_stride()},
                                                     end - begin,
                                                     x.cols(),
                                                     numbers.gamma,
                                                     numbers.beta,
                                                     kLayerNormEpsilon,
                                                     numbers.scales_from(begin)});
               });
  activate<T>(*step.activation, y, rows_of(step, pass, step.output), pass.team);
}

template <class T>
void run_layer_norm_back(const PlanStep& step, const Pass<T>& pass) {
  join_derivative(step, pass);
  const LayerNumbers<T> numbers(step, pass);
  const MatrixView<T> x = rows_of(step, pass, *step.input);
  const MatrixView<T> delta = rows_of(step, pass, step.through());
  const auto rows = [&](std::size_t begin, std::size_t n, std::size_t first, std::size_t units) {
    const kernels::Strided<T> scales = numbers.scales_from(begin);
    return kernels::RowNormalisationBack<T>{{delta.row(begin).data() + first, delta.row_stride()},
                                            {x.row(begin).data() + first, x.row_stride()},
                                            n,
                                            units,
                                            numbers.gamma,
                                            {scales.data, scales.stride},
                                            pass.gradient + pass.slot(step, 0).offset + first,
                                            pass.gradient + pass.slot(step, 1).offset + first};
  };
  // Sums over the rows first: then the derivative takes the place of what they read.
  run_in_parts(pass.team, x.cols(), 2 * x.rows() * x.cols(),
               [&](std::size_t begin, std::size_t end) {
                 kernels::table<T>().normalised_sums(rows(0, x.rows(), begin, end - begin));
               });
  run_in_parts(pass.team, x.rows(), 4 * x.rows() * x.cols(),
               [&](std::size_t begin, std::size_t end) {
                 kernels::table<T>().normalise_rows_back(rows(begin, end - begin, 0, x.cols()));
               });
}

template void run_layer_norm<float>(const PlanStep&, const Pass<float>&);
template void run_layer_norm<double>(const PlanStep&, const Pass<double>&);
template void run_layer_norm_back<float>(const PlanStep&, const Pass<float>&);
template void run_layer_norm_back<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
