#include <skarma/core/kernels/lapack.hpp>

#include <cmath>
#include <cstddef>
#include <stdexcept>

#include <gtest/gtest.h>

namespace skarma::kernels {
namespace {

/// diag(3, -2) in BLAS's order; linalg's tests have the rest.
TEST(Lapack, DecomposesADiagonalMatrix) {
  double a[] = {3, 0, 0, -2}, s[2], u[4], vt[4];
  ASSERT_TRUE(gesdd<double>(2, 2, a, s, u, vt));
  EXPECT_DOUBLE_EQ(s[0], 3);
  EXPECT_DOUBLE_EQ(s[1], 2);
  EXPECT_DOUBLE_EQ(u[3] * vt[3], -1);
  float b[] = {3, 0, 0, -2}, values[2];
  ASSERT_TRUE(syevd<float>(2, b, values));
  EXPECT_FLOAT_EQ(values[0], -2);
  EXPECT_FLOAT_EQ(values[1], 3);
}

/// (3, 4) and (0, 5): Householder's first column is (3, 4) / -5.
TEST(Lapack, DecomposesIntoQAndR) {
  double a[] = {3, 4, 0, 5}, diagonal[2];
  qr<double>(2, 2, a, diagonal);
  EXPECT_DOUBLE_EQ(a[0], -0.6);
  EXPECT_DOUBLE_EQ(a[1], -0.8);
  EXPECT_NEAR(a[0] * a[2] + a[1] * a[3], 0, 1e-15);
  EXPECT_DOUBLE_EQ(diagonal[0], -5);
  EXPECT_DOUBLE_EQ(std::abs(diagonal[1]), 3);
  float b[] = {0, 2, 0}, one[1];
  qr<float>(3, 1, b, one);
  EXPECT_FLOAT_EQ(b[1] * one[0], 2);
  EXPECT_THROW(qr<double>(std::size_t{1} << 31, 1, nullptr, nullptr), std::length_error);
}

/// Before anything is allocated or read.
TEST(Lapack, RefusesWhatItCannotCount) {
  EXPECT_THROW(gesdd<double>(40000, 40000, nullptr, nullptr, nullptr, nullptr), std::length_error);
  EXPECT_THROW(syevd<double>(40000, nullptr, nullptr), std::length_error);
}

}  // namespace
}  // namespace skarma::kernels
