#include <skarma/core/kernels/gemm.hpp>

#include <cblas.h>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma::kernels {
namespace {

/// The part of shape (rows, cols) at the top left of a matrix that is `stride` high.
template <class T>
T& entry(std::vector<T>& m, std::size_t stride, std::size_t row, std::size_t col) {
  return m[row + col * stride];
}

template <class T>
void check(bool a_transposed, bool b_transposed, double tolerance) {
  constexpr std::size_t rows = 5, cols = 7, depth = 4, stride = 9;
  auto a = test::random_numbers<T>(stride * stride, 1),
       b = test::random_numbers<T>(stride * stride, 2);
  std::vector<T> c(stride * stride, T(99));
  gemm<T>(rows, cols, depth, {a.data(), stride, a_transposed}, {b.data(), stride, b_transposed},
          {c.data(), stride});
  for (std::size_t i = 0; i < stride; ++i) {
    for (std::size_t j = 0; j < stride; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < depth; ++k) {
        const T left = a_transposed ? entry(a, stride, k, i) : entry(a, stride, i, k);
        const T right = b_transposed ? entry(b, stride, j, k) : entry(b, stride, k, j);
        sum += static_cast<double>(left) * static_cast<double>(right);
      }
      const double expected = i < rows && j < cols ? sum : 99;
      EXPECT_NEAR(static_cast<double>(entry(c, stride, i, j)), expected, tolerance);
    }
  }
}

TEST(Gemm, MultipliesPartsOfMatrices) {
  for (const bool a_transposed : {false, true}) {
    for (const bool b_transposed : {false, true}) {
      check<double>(a_transposed, b_transposed, 1e-14);
      check<float>(a_transposed, b_transposed, 1e-5);
    }
  }
}

struct LargeProduct {
  static constexpr std::size_t rows = 100, cols = 333, depth = 400;
  std::vector<double> a = test::random_numbers<double>(rows * depth, 1);
  std::vector<double> b = test::random_numbers<double>(depth * cols, 2);

  std::vector<double> ours() const {
    std::vector<double> c(rows * cols);
    gemm<double>(rows, cols, depth, {a.data(), rows}, {b.data(), depth}, {c.data(), rows});
    return c;
  }
  std::vector<double> of_blas() const {
    std::vector<double> c(rows * cols);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, rows, cols, depth, 1.0, a.data(), rows,
                b.data(), depth, 0.0, c.data(), rows);
    return c;
  }
};

/// BLAS itself rounds this product differently on one thread and on several: on a processor where
/// it does not, nothing is shown. (Not for ThreadSanitizer, to which BLAS's own threads look like
/// races: it runs what has their name.)
TEST(Gemm, HasTheSameBitsHoweverBlasIsSet) {
  const LargeProduct product;
  const int before = openblas_get_num_threads();
  openblas_set_num_threads(1);
  const auto expected = product.ours();
  const auto alone = product.of_blas();
  EXPECT_EQ(alone, expected);
  bool differs = false;
  for (const int n_threads : {2, 3, 4}) {
    openblas_set_num_threads(n_threads);
    EXPECT_EQ(product.ours(), expected) << n_threads;
    differs = differs || product.of_blas() != alone;
  }
  openblas_set_num_threads(before);
  if (!differs) GTEST_SKIP() << "here BLAS has the same bits for any number of threads";
}

}  // namespace
}  // namespace skarma::kernels
