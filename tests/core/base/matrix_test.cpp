#include <skarma/core/base/matrix.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(Matrix, IsRowMajor) {
  const Matrix<double> m(2, 3, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(m(0, 2), 3);
  EXPECT_EQ(m(1, 0), 4);
  EXPECT_EQ(m.row(1)[1], 5);
}

TEST(Matrix, StartsWithZeros) { EXPECT_EQ(Matrix<float>(1, 2), Matrix<float>(1, 2, {0, 0})); }

TEST(Matrix, ViewSharesItsMemory) {
  Matrix<double> m(2, 2);
  m.view()(1, 1) = 7;
  m.row(0)[1] = 5;
  const MatrixView<const double> view = m;
  EXPECT_EQ(view(1, 1), 7);
  EXPECT_EQ(view(0, 1), 5);
  EXPECT_EQ(view.data(), m.data());
}

TEST(Matrix, RefusesAnotherNumberOfValues) {
  EXPECT_THROW_WITH(Matrix<double>(2, 3, {1, 2}), std::invalid_argument,
                    "shape (2, 3) needs 6 values, got 2");
}

TEST(Matrix, EqualMeansShapeAndValues) {
  EXPECT_EQ(Matrix<int>(1, 2, {1, 2}), Matrix<int>(1, 2, {1, 2}));
  EXPECT_NE(Matrix<int>(1, 2, {1, 2}), Matrix<int>(2, 1, {1, 2}));
  EXPECT_NE(Matrix<int>(1, 2, {1, 2}), Matrix<int>(1, 2, {1, 3}));
}

}  // namespace
}  // namespace skarma
