#include <skarma/core/reference/least_squares_formulas.hpp>

#include <cmath>
#include <utility>

#include <skarma/core/kernels/gemm.hpp>
#include <skarma/core/reference/network_formulas.hpp>

namespace skarma::reference {
namespace {

double target_of(const Targets<double>& targets, std::size_t i, std::size_t k) {
  if (targets.codes.empty()) return targets.values[i * targets.n_outputs + k];
  return static_cast<std::size_t>(targets.codes[i]) == k ? 1.0 : 0.0;
}

}  // namespace

void add_squares(const NetworkSpec& spec, std::span<const double> parameters,
                 const Matrix<double>& x, const Targets<double>& targets, SquareSums& sums) {
  const bool wants_derivatives = !sums.gradient.empty();
  auto [outputs, jacobian] =
      wants_derivatives
          ? outputs_and_jacobian(spec, parameters, x)
          : OutputsAndJacobian{reference::outputs(spec, parameters, x), Matrix<double>(0, 0)};
  for (std::size_t i = 0; i < outputs.rows(); ++i) {
    const double factor = targets.weights.empty() ? 1.0 : std::sqrt(targets.weights[i]);
    for (std::size_t k = 0; k < outputs.cols(); ++k) {
      const double residual = factor * (outputs(i, k) - target_of(targets, i, k));
      sums.value += 0.5 * residual * residual;
      if (!wants_derivatives) continue;
      const std::span<double> row = jacobian.row(i * outputs.cols() + k);
      for (std::size_t p = 0; p < row.size(); ++p) {
        row[p] *= factor;
        sums.gradient[p] += residual * row[p];
      }
    }
  }
  if (!wants_derivatives || jacobian.rows() == 0) return;
  const std::size_t n = jacobian.cols();
  kernels::add_gram(n, jacobian.rows(), {jacobian.data(), n}, {sums.curvature.data(), n});
}

}  // namespace skarma::reference
