#include <skarma/datasets/internal/orthonormal.hpp>

#include <cmath>
#include <vector>

namespace skarma {
namespace {

/// x := (1 - tau v v') x in columns first ..., where v has 1 at `row` and lies below it in a column
/// of `reflections`.
void reflect(Matrix<double>& x, const Matrix<double>& reflections, std::size_t row, double tau,
             std::size_t first) {
  std::vector<double> sums(x.cols());
  for (std::size_t j = first; j < x.cols(); ++j) sums[j] = x(row, j);
  for (std::size_t i = row + 1; i < x.rows(); ++i) {
    for (std::size_t j = first; j < x.cols(); ++j) sums[j] += reflections(i, row) * x(i, j);
  }
  for (std::size_t j = first; j < x.cols(); ++j) x(row, j) -= tau * sums[j];
  for (std::size_t i = row + 1; i < x.rows(); ++i) {
    for (std::size_t j = first; j < x.cols(); ++j) {
      x(i, j) -= tau * reflections(i, row) * sums[j];
    }
  }
}

}  // namespace

Matrix<double> orthonormal_columns(Matrix<double> x) {
  const std::size_t n = x.cols();
  std::vector<double> taus(n);
  for (std::size_t k = 0; k < n; ++k) {
    double below = 0.0;
    for (std::size_t i = k + 1; i < x.rows(); ++i) below += x(i, k) * x(i, k);
    if (below == 0.0) continue;  // nothing to reflect, as in LAPACK
    const double alpha = x(k, k), length = std::sqrt(alpha * alpha + below);
    const double beta = alpha < 0.0 ? length : -length;
    taus[k] = (beta - alpha) / beta;
    for (std::size_t i = k + 1; i < x.rows(); ++i) x(i, k) /= alpha - beta;
    reflect(x, x, k, taus[k], k + 1);
  }
  Matrix<double> q(x.rows(), n);
  for (std::size_t k = 0; k < n; ++k) q(k, k) = 1.0;
  for (std::size_t k = n; k-- > 0;) reflect(q, x, k, taus[k], k);
  return q;
}

}  // namespace skarma
