#include <skarma/core/linalg/products.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

/// Beside three loops, of views whose rows do not lie one after another.
TEST(LinalgProducts, AreSumsOfProducts) {
  const auto wide_a = test::random_matrix(5, 7, 1), wide_b = test::random_matrix(4, 6, 2);
  const MatrixView<const double> a(wide_a.data() + 1, 5, 4, 7), b(wide_b.data(), 4, 3, 6);
  Matrix<double> expected(5, 3), transposed(3, 4), gram(4, 4);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t m = 0; m < 4; ++m) {
      for (std::size_t j = 0; j < 3; ++j) expected(i, j) += a(i, m) * b(m, j);
      for (std::size_t j = 0; j < 4; ++j) gram(m, j) += a(i, m) * a(i, j);
    }
  }
  for (std::size_t m = 0; m < 4; ++m) {
    for (std::size_t j = 0; j < 3; ++j) transposed(j, m) = b(m, j);
  }
  EXPECT_TRUE(test::close(product<double>(a, b).values(), expected.values(), 1e-15));
  EXPECT_TRUE(test::close(product_with_transposed<double>(a, transposed).values(),
                          expected.values(), 1e-15));
  EXPECT_TRUE(test::close(gram_matrix<double>(a).values(), gram.values(), 1e-15));
}

TEST(LinalgProducts, WithoutRowsOrColumnsAreEmptyOrZero) {
  EXPECT_EQ(product<double>(Matrix<double>(2, 0), Matrix<double>(0, 3)), Matrix<double>(2, 3));
  EXPECT_EQ(product_with_transposed<double>(Matrix<double>(2, 3), Matrix<double>(0, 3)),
            Matrix<double>(2, 0));
}

}  // namespace
}  // namespace skarma
