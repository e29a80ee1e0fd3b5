// Activations and sums of columns against naive references in long double, with sentinels around
// what a kernel may write. CTest runs these tests once for each instruction set (SKARMA_ISA);
// tests/CMakeLists.txt.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/guarded_buffer.hpp>
#include <skarma/tests/support/kernel_test.hpp>
#include <skarma/tests/support/naive_activations.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/ulps.hpp>

namespace skarma::kernels {
namespace {

using Real = long double;
using test::activated;
using test::derivative;
using test::GuardedBuffer;
using test::kernel_shapes;
using test::random_numbers;

template <class T>
class Kernels : public test::KernelTest<T> {};
TYPED_TEST_SUITE(Kernels, test::RealTypes);

/// To 2.5 ulp; products z f(z) to 4 times epsilon of z, since f may be near 0 with an error of one
/// near 1.
template <class T>
bool is_near(int kernel, T value, T z) {
  if (!test::is_through_input(kernel)) return test::ulps<T>(value, activated(kernel, z)) <= 2.5;
  const Real error = std::abs(Real(value) - activated(kernel, z));
  return error <= 4 * std::numeric_limits<T>::epsilon() * std::max(std::abs(Real(z)), Real(0.01));
}

TYPED_TEST(Kernels, BiasActivate) {
  using T = TypeParam;
  for (int kernel = 0; kernel < kActivationFunctions; ++kernel) {
    for (const auto& [rows, units] : kernel_shapes()) {
      const auto bias = random_numbers<T>(units, 1);
      const auto z = random_numbers<T>(rows * units, 2, -6, 6);
      GuardedBuffer<T> buffer(z);
      this->table_->bias_activate[kernel]({buffer.data(), units}, bias.data(), rows, units,
                                          static_cast<T>(test::number_of(kernel)));
      const auto result = buffer.values();
      for (std::size_t i = 0; i < z.size(); ++i) {
        const T sum = z[i] + bias[i % units];
        EXPECT_TRUE(is_near<T>(kernel, result[i], sum))
            << "kernel " << kernel << " of " << sum << " in " << rows << " x " << units;
      }
      EXPECT_TRUE(buffer.sentinels_intact());
    }
  }
}

TYPED_TEST(Kernels, ActivateFromElsewhere) {
  using T = TypeParam;
  for (int kernel = 0; kernel < kActivationFunctions; ++kernel) {
    for (const auto& [rows, units] : kernel_shapes()) {
      const std::size_t stride = units + 3;
      const auto z = random_numbers<T>(rows * stride, 2, -12, 12);
      GuardedBuffer<T> a(std::vector<T>(rows * units));
      this->table_->activate[kernel]({z.data(), stride}, {a.data(), units}, rows, units,
                                     static_cast<T>(test::number_of(kernel)));
      const auto result = a.values();
      for (std::size_t i = 0; i < result.size(); ++i) {
        const T from = z[i / units * stride + i % units];
        EXPECT_TRUE(is_near<T>(kernel, result[i], from)) << "kernel " << kernel << " of " << from;
      }
      EXPECT_TRUE(a.sentinels_intact());
    }
  }
}

/// The vectorised loops keep the promise of elementwise_math.hpp over the whole range.
TYPED_TEST(Kernels, ActivationsWithinTwoAndAHalfUlp) {
  using T = TypeParam;
  const T edge = T(-0.999) * std::log(std::numeric_limits<T>::max());
  const T bias = 0;
  for (const auto& [kernel, low, high] : {std::tuple{kExp, T(1.2) * edge, -edge},
                                          {kTanh, T(-25), T(25)},
                                          {kLogistic, edge, -edge},
                                          {kExp, T(-1), T(1)},
                                          {kTanh, T(-0.01), T(0.01)},
                                          {kTanh, T(0.19), T(0.22)},
                                          {kLogistic, T(-2), T(2)},
                                          {kSoftplus, edge, T(40)},
                                          {kSoftplus, T(-2), T(2)},
                                          {kElu, T(-45), T(3)},
                                          {kElu, T(-1.1), T(0.1)},
                                          {kElu, T(-0.001), T(0)},
                                          {kSoftsign, T(-9), T(9)}}) {
    const auto x = random_numbers<T>(200000, 3, low, high);
    auto y = x;
    this->table_->bias_activate[kernel]({y.data(), 1}, &bias, y.size(), 1,
                                        static_cast<T>(test::number_of(kernel)));
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      worst = std::max(worst, test::ulps<T>(y[i], activated(kernel, x[i])));
    }
    EXPECT_LE(worst, 2.5) << "kernel " << kernel << " between " << low << " and " << high;
  }
}

TYPED_TEST(Kernels, NaNStaysAndInfinitiesAreRight) {
  using T = TypeParam;
  constexpr T infinity = std::numeric_limits<T>::infinity();
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> zeros(9, T(0));
  constexpr T low = std::numeric_limits<T>::lowest();
  const T expected_plus[] = {infinity, 1,        1,        infinity, infinity, infinity,
                             infinity, infinity, infinity, infinity, infinity, infinity,
                             infinity, 1,        1,        1};
  const T expected_minus[] = {-infinity,           0, -1, 0,  0, 0, 0, 0, 0, T(0.01) * low, -1,
                              -T(kSeluAlphaScale), 0, -1, -1, 0};
  static_assert(std::size(expected_plus) == kActivationFunctions);
  for (int kernel = 0; kernel < kActivationFunctions; ++kernel) {
    for (const std::size_t units : {1, 9}) {
      std::vector<T> z(9, nan);
      z[1] = infinity;
      z[2] = -infinity;
      this->table_->bias_activate[kernel]({z.data(), units}, zeros.data(), 9 / units, units,
                                          static_cast<T>(test::number_of(kernel)));
      EXPECT_EQ(z[1], expected_plus[kernel]);
      EXPECT_EQ(z[2], expected_minus[kernel]);
      for (const std::size_t i : {0, 3, 4, 5, 6, 7, 8}) EXPECT_TRUE(std::isnan(z[i]));
    }
  }
}

TYPED_TEST(Kernels, MaskIsTheDerivative) {
  using T = TypeParam;
  for (const int kernel : test::kHiddenActivations) {
    for (std::size_t n = 1; n <= 70; ++n) {
      auto a =
          test::is_through_input(kernel) ? random_numbers<T>(n, 1, -9, 9) : random_numbers<T>(n, 1);
      if (kernel == kRelu) {
        for (T& v : a) v = std::max(v, T(0));
      }
      const auto delta = random_numbers<T>(n, 2);
      GuardedBuffer<T> buffer(a);
      this->table_->mask[kernel]({delta.data(), n}, {buffer.data(), n}, 1, n,
                                 static_cast<T>(test::number_of(kernel)));
      std::vector<Real> masked;
      for (std::size_t i = 0; i < n; ++i) masked.push_back(delta[i] * derivative(kernel, a[i]));
      const double tolerance = test::is_through_input(kernel) ? 16 : 4;
      EXPECT_TRUE(test::close(buffer.values(), masked, tolerance * this->kEpsilon)) << kernel;
      EXPECT_TRUE(buffer.sentinels_intact());
    }
  }
}

/// 0 or delta, not the NaN of an infinity times 0.
TYPED_TEST(Kernels, DerivativesThroughInputsAreRightAtInfinities) {
  using T = TypeParam;
  constexpr T infinity = std::numeric_limits<T>::infinity();
  for (const int kernel : test::kHiddenActivations) {
    if (!test::is_through_input(kernel)) continue;
    const std::vector<T> delta = {3, 3, 3, 3, 3};
    std::vector<T> z = {-infinity, std::numeric_limits<T>::lowest(), infinity,
                        std::numeric_limits<T>::max(), std::numeric_limits<T>::quiet_NaN()};
    this->table_->mask[kernel]({delta.data(), 5}, {z.data(), 5}, 1, 5, T(0));
    for (const std::size_t i : {0, 1}) EXPECT_NEAR(z[i], 0, 1e-30) << "kernel " << kernel;
    for (const std::size_t i : {2, 3}) EXPECT_EQ(z[i], 3) << "kernel " << kernel;
    EXPECT_TRUE(std::isnan(z[4])) << "kernel " << kernel;
  }
}

TYPED_TEST(Kernels, ColumnSums) {
  using T = TypeParam;
  for (const auto& [rows, units] : kernel_shapes()) {
    const auto matrix = random_numbers<T>(rows * units, 2);
    GuardedBuffer<T> sums(random_numbers<T>(units, 3));
    this->table_->column_sums({matrix.data(), units}, rows, units, sums.data());
    std::vector<Real> expected(units);
    for (std::size_t i = 0; i < matrix.size(); ++i) expected[i % units] += matrix[i];
    const auto result = sums.values();
    for (std::size_t j = 0; j < units; ++j) {
      EXPECT_NEAR(static_cast<double>(result[j]), static_cast<double>(expected[j]),
                  static_cast<double>(2 * rows + 4) * this->kEpsilon);
    }
    EXPECT_TRUE(sums.sentinels_intact());
  }
}

/// Rows a gap apart give what rows that touch give, and the gap is left alone.
TYPED_TEST(Kernels, RowsMayLieApart) {
  using T = TypeParam;
  for (const auto& [rows, units] : kernel_shapes()) {
    const std::size_t stride = units + 3;
    const auto touching = random_numbers<T>(rows * units, 1, 0.1, 0.9);
    const auto deltas = random_numbers<T>(rows * units, 2);
    const auto bias = random_numbers<T>(units, 3);
    const T gap = 7;
    const auto spread = [&, rows = rows, units = units](const std::vector<T>& matrix) {
      std::vector<T> wide(rows * stride, gap);
      for (std::size_t k = 0; k < matrix.size(); ++k) {
        wide[k / units * stride + k % units] = matrix[k];
      }
      return wide;
    };
    auto a = touching, wide_a = spread(touching);
    this->table_->bias_activate[kRelu]({a.data(), units}, bias.data(), rows, units, T(0));
    this->table_->bias_activate[kRelu]({wide_a.data(), stride}, bias.data(), rows, units, T(0));
    EXPECT_EQ(wide_a, spread(a)) << rows << " x " << units;
    const auto wide_deltas = spread(deltas);
    this->table_->mask[kTanh]({deltas.data(), units}, {a.data(), units}, rows, units, T(0));
    this->table_->mask[kTanh]({wide_deltas.data(), stride}, {wide_a.data(), stride}, rows, units,
                              T(0));
    const auto masked = spread(a);
    EXPECT_TRUE(
        test::close(wide_a, std::vector<Real>(masked.begin(), masked.end()), 4 * this->kEpsilon));
    std::vector<T> sums(units), wide_sums(units);
    this->table_->column_sums({deltas.data(), units}, rows, units, sums.data());
    this->table_->column_sums({wide_deltas.data(), stride}, rows, units, wide_sums.data());
    EXPECT_TRUE(test::close(wide_sums, std::vector<Real>(sums.begin(), sums.end()),
                            static_cast<double>(rows) * this->kEpsilon));
  }
}

}  // namespace
}  // namespace skarma::kernels
