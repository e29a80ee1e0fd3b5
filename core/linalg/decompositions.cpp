#include <skarma/core/linalg/decompositions.hpp>

#include <algorithm>
#include <stdexcept>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/kernels/lapack.hpp>

namespace skarma {

/// LAPACK, which goes by columns, sees x' = v diag(s) u': its u is our vt, and the other way round.
template <class T>
Svd<T> svd(Matrix<T> x) {
  const std::size_t k = std::min(x.rows(), x.cols());
  Svd<T> result{Matrix<T>(x.rows(), k), std::vector<T>(k), Matrix<T>(k, x.cols())};
  if (!kernels::gesdd<T>(x.cols(), x.rows(), x.data(), result.s.data(), result.vt.data(),
                         result.u.data())) {
    throw std::runtime_error("The singular value decomposition did not converge.");
  }
  return result;
}

template <class T>
Eigh<T> eigh(Matrix<T> symmetric) {
  SKARMA_CHECK(symmetric.rows() == symmetric.cols());
  Eigh<T> result{std::vector<T>(symmetric.rows()), std::move(symmetric)};
  if (!kernels::syevd<T>(result.values.size(), result.vectors.data(), result.values.data())) {
    throw std::runtime_error("The eigenvalues of a symmetric matrix did not converge.");
  }
  return result;
}

template Svd<float> svd(Matrix<float>);
template Svd<double> svd(Matrix<double>);
template Eigh<float> eigh(Matrix<float>);
template Eigh<double> eigh(Matrix<double>);

}  // namespace skarma
