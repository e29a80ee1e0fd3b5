#include <skarma/datasets/internal/orthonormal.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

TEST(Orthonormal, ColumnsAreAndSpanTheSame) {
  const auto x = test::random_matrix(7, 3, 4);
  const Matrix<double> q = orthonormal_columns(x);
  const auto dot = [&](const Matrix<double>& a, std::size_t j, const Matrix<double>& b,
                       std::size_t k) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.rows(); ++i) sum += a(i, j) * b(i, k);
    return sum;
  };
  for (std::size_t j = 0; j < 3; ++j) {
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(dot(q, j, q, k), j == k ? 1 : 0, 1e-15);
    for (std::size_t i = 0; i < 7; ++i) {  // x = q q' x
      double again = 0.0;
      for (std::size_t k = 0; k < 3; ++k) again += q(i, k) * dot(q, k, x, j);
      EXPECT_NEAR(again, x(i, j), 1e-14);
    }
    for (std::size_t k = 0; k < j; ++k) EXPECT_NEAR(dot(q, j, x, k), 0.0, 1e-15);
  }
}

}  // namespace
}  // namespace skarma
