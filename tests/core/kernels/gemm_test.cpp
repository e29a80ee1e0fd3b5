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
    for (std::size_t j = 0; j < cols; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < depth; ++k) {
        const T left = a_transposed ? entry(a, stride, k, i) : entry(a, stride, i, k);
        const T right = b_transposed ? entry(b, stride, j, k) : entry(b, stride, k, j);
        sum += static_cast<double>(left) * static_cast<double>(right);
      }
      const double expected = i < rows ? sum : 99;
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

std::vector<double> large_product() {
  constexpr std::size_t rows = 100, cols = 333, depth = 400;
  const auto a = test::random_numbers<double>(rows * depth, 1);
  const auto b = test::random_numbers<double>(depth * cols, 2);
  std::vector<double> c(rows * cols);
  gemm<double>(rows, cols, depth, {a.data(), rows}, {b.data(), depth}, {c.data(), rows});
  return c;
}

/// BLAS itself rounds this product differently on one thread and on two.
TEST(Gemm, HasTheSameBitsWhateverThreadsBlasHas) {
  const int before = openblas_get_num_threads();
  openblas_set_num_threads(1);
  const auto expected = large_product();
  for (const int n_threads : {2, 3, 4}) {
    openblas_set_num_threads(n_threads);
    EXPECT_EQ(large_product(), expected) << n_threads;
  }
  openblas_set_num_threads(before);
}

}  // namespace
}  // namespace skarma::kernels
