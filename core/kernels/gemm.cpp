#include <skarma/core/kernels/gemm.hpp>

#include <cblas.h>

#include <skarma/core/kernels/blas_threads.hpp>

namespace skarma::kernels {
namespace {

CBLAS_TRANSPOSE flag(bool transposed) { return transposed ? CblasTrans : CblasNoTrans; }
blasint number(std::size_t n) { return static_cast<blasint>(n); }

}  // namespace

template <>
void gemm<float>(std::size_t rows, std::size_t cols, std::size_t depth, BlasMatrix<const float> a,
                 BlasMatrix<const float> b, BlasMatrix<float> c) {
  const SingleThreadedBlas guard;
  cblas_sgemm(CblasColMajor, flag(a.transposed), flag(b.transposed), number(rows), number(cols),
              number(depth), 1.0F, a.data, number(a.stride), b.data, number(b.stride), 0.0F, c.data,
              number(c.stride));
}

template <>
void gemm<double>(std::size_t rows, std::size_t cols, std::size_t depth, BlasMatrix<const double> a,
                  BlasMatrix<const double> b, BlasMatrix<double> c) {
  const SingleThreadedBlas guard;
  cblas_dgemm(CblasColMajor, flag(a.transposed), flag(b.transposed), number(rows), number(cols),
              number(depth), 1.0, a.data, number(a.stride), b.data, number(b.stride), 0.0, c.data,
              number(c.stride));
}

void add_gram(std::size_t n, std::size_t depth, BlasMatrix<const double> a, BlasMatrix<double> c) {
  const SingleThreadedBlas guard;
  cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, number(n), number(depth), 1.0, a.data,
              number(a.stride), 1.0, c.data, number(c.stride));
}

}  // namespace skarma::kernels
