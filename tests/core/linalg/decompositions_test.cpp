#include <skarma/core/linalg/decompositions.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include <skarma/core/linalg/products.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

template <class T>
Matrix<T> identity(std::size_t n) {
  Matrix<T> one(n, n);
  for (std::size_t i = 0; i < n; ++i) one(i, i) = 1;
  return one;
}

template <class T>
class Decompositions : public ::testing::Test {
 protected:
  static constexpr double kRounding = std::is_same_v<T, float> ? 1e-5 : 1e-13;
};
struct TypeNames {
  template <class T>
  static std::string GetName(int) {
    return std::is_same_v<T, float> ? "float32" : "float64";
  }
};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Decompositions, Types, TypeNames);

TYPED_TEST(Decompositions, SingularVectorsAreOrthonormalAndGiveTheMatrixBack) {
  using T = TypeParam;
  for (const auto& [n, m] : {std::pair{9, 4}, {4, 9}, {5, 5}, {200, 3}, {1, 6}}) {
    const auto x = test::random_matrix<T>(n, m, 3);
    const Svd<T> parts = svd(x);
    EXPECT_TRUE(std::is_sorted(parts.s.rbegin(), parts.s.rend()));
    const std::size_t k = parts.s.size();
    EXPECT_EQ(k, std::min(n, m));
    Matrix<T> scaled = parts.u;
    for (std::size_t i = 0; i < scaled.rows(); ++i) {
      for (std::size_t j = 0; j < k; ++j) scaled(i, j) *= parts.s[j];
    }
    EXPECT_TRUE(test::close(product<T>(scaled, parts.vt).values(), x.values(), this->kRounding));
    EXPECT_TRUE(
        test::close(gram_matrix<T>(parts.u).values(), identity<T>(k).values(), this->kRounding));
    EXPECT_TRUE(test::close(product_with_transposed<T>(parts.vt, parts.vt).values(),
                            identity<T>(k).values(), this->kRounding));
  }
}

TYPED_TEST(Decompositions, EigenvectorsAreRowsThatTheMatrixStretches) {
  using T = TypeParam;
  const Matrix<T> symmetric = gram_matrix<T>(test::random_matrix<T>(20, 6, 5));
  const Eigh<T> parts = eigh(symmetric);
  EXPECT_TRUE(std::is_sorted(parts.values.begin(), parts.values.end()));
  Matrix<T> stretched = parts.vectors;
  for (std::size_t i = 0; i < 6; ++i) {
    for (T& v : stretched.row(i)) v *= parts.values[i];
  }
  EXPECT_TRUE(test::close(product<T>(parts.vectors, symmetric).values(), stretched.values(),
                          this->kRounding));
  EXPECT_TRUE(test::close(product_with_transposed<T>(parts.vectors, parts.vectors).values(),
                          identity<T>(6).values(), this->kRounding));
}

TEST(EmptyDecompositions, OfNothingAreNothing) {
  EXPECT_TRUE(svd(Matrix<double>(0, 3)).s.empty());
  EXPECT_TRUE(eigh(Matrix<double>()).values.empty());
}

}  // namespace
}  // namespace skarma
