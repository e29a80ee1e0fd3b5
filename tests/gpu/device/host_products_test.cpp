#include <skarma/gpu/device/host_products.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/matrix.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma::gpu {
namespace {

constexpr std::size_t kRows = 3, kDepth = 4, kColumns = 5;

/// a b for two models that lie behind one another, and what else an epilogue reads or writes.
struct TwoModels {
  Matrix<double> a = test::random_matrix<double>(2 * kRows, kDepth, 1);
  Matrix<double> b = test::random_matrix<double>(2 * kDepth, kColumns, 2);
  Matrix<double> c = Matrix<double>(2 * kRows, kColumns);
  Matrix<double> vector = test::random_matrix<double>(2, kColumns, 3);
  static constexpr std::size_t kKept = kept_bytes<double>(false, kRows, kColumns);
  std::vector<double> kept = std::vector<double>(2 * kKept / sizeof(double));

  void multiply(EpilogueKind kind) {
    multiply_on_host(
        Products<double>{.a = {a.row(0).data(), kDepth, kRows * kDepth},
                         .b = {b.row(0).data(), kColumns, kDepth * kColumns},
                         .c = {c.row(0).data(), kColumns, kRows * kColumns},
                         .rows = kRows,
                         .columns = kColumns,
                         .depth = kDepth,
                         .n = 2,
                         .epilogue = {.kind = kind,
                                      .vector = vector.row(0).data(),
                                      .vector_step = kColumns,
                                      .kept = reinterpret_cast<std::byte*>(kept.data()),
                                      .kept_step = kKept}});
  }
  double sum(std::size_t row, std::size_t column) const {
    double total = 0.0;
    for (std::size_t k = 0; k < kDepth; ++k) {
      total += a(row, k) * b(row / kRows * kDepth + k, column);
    }
    return total;
  }
  double biased(std::size_t row, std::size_t column) const {
    return sum(row, column) + vector(row / kRows, column);
  }
  /// c is f(row, column).
  template <class F>
  void expect(const F& f) const {
    for (std::size_t row = 0; row < 2 * kRows; ++row) {
      for (std::size_t j = 0; j < kColumns; ++j) EXPECT_NEAR(c(row, j), f(row, j), 1e-14);
    }
  }
};

double gelu_tanh(double z) {
  return z / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (z + 0.044715 * z * z * z)));
}

TEST(HostProducts, AddABias) {
  TwoModels models;
  models.multiply(EpilogueKind::none);
  models.expect([&](auto row, auto j) { return models.sum(row, j); });
  models.multiply(EpilogueKind::bias);
  models.expect([&](auto row, auto j) { return models.biased(row, j); });
}

TEST(HostProducts, TakeTheReluAndItsSlope) {
  TwoModels models;
  models.multiply(EpilogueKind::relu);
  models.expect([&](auto row, auto j) { return std::fmax(models.biased(row, j), 0.0); });
  models.multiply(EpilogueKind::relu_slope);
  models.expect(
      [&](auto row, auto j) { return models.biased(row, j) > 0 ? models.sum(row, j) : 0.0; });
}

TEST(HostProducts, TakeGeluAndItsSlope) {
  TwoModels models;
  models.multiply(EpilogueKind::gelu_tanh);
  models.expect([&](auto row, auto j) { return gelu_tanh(models.biased(row, j)); });
  models.multiply(EpilogueKind::gelu_tanh_slope);
  for (std::size_t row = 0; row < 2 * kRows; ++row) {
    for (std::size_t j = 0; j < kColumns; ++j) {
      const double z = models.biased(row, j), h = 1e-6;
      const double slope = (gelu_tanh(z + h) - gelu_tanh(z - h)) / (2 * h);
      EXPECT_NEAR(models.c(row, j), models.sum(row, j) * slope, 1e-8);
    }
  }
}

TEST(HostProducts, SumTheColumnsOfTheSecondFactor) {
  TwoModels models;
  models.multiply(EpilogueKind::column_sums);
  models.expect([&](auto row, auto j) { return models.sum(row, j); });
  for (std::size_t model = 0; model < 2; ++model) {
    for (std::size_t j = 0; j < kColumns; ++j) {
      double total = 0.0;
      for (std::size_t k = 0; k < kDepth; ++k) total += models.b(model * kDepth + k, j);
      EXPECT_NEAR(models.vector(model, j), total, 1e-14);
    }
  }
}

float product(float a, float b, bool tf32) {
  float c = 0;
  multiply_on_host(Products<float>{.a = {&a, 1, 0},
                                   .b = {&b, 1, 0},
                                   .c = {&c, 1, 0},
                                   .rows = 1,
                                   .columns = 1,
                                   .depth = 1,
                                   .n = 1,
                                   .tf32 = tf32});
  return c;
}

/// 10 bits behind the first one; halves go to the even neighbour.
TEST(HostProducts, RoundFactorsToTf32) {
  const float last = std::ldexp(1.0F, -10);
  EXPECT_EQ(product(1 + last, 1, true), 1 + last);
  EXPECT_EQ(product(1 + last / 2, 1, false), 1 + last / 2);
  EXPECT_EQ(product(1 + last / 2, 1, true), 1.0F);
  EXPECT_EQ(product(1 + last * 3 / 2, 1, true), 1 + 2 * last);
  EXPECT_EQ(product(1, -1 - last * 0.75F, true), -1 - last);
  EXPECT_EQ(product(2 - last / 4, 1, true), 2.0F);
  EXPECT_EQ(product(INFINITY, 1, true), INFINITY);
  EXPECT_TRUE(std::isnan(product(NAN, 1, true)));
}

}  // namespace
}  // namespace skarma::gpu
