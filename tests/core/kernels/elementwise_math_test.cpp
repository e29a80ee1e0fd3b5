#include <skarma/core/kernels/elementwise_math.hpp>

#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <skarma/core/base/random_state.hpp>
#include <skarma/tests/support/ulps.hpp>

namespace skarma::kernels {
namespace {

constexpr double kPromise = 2.5;  // units in the last place

template <class T>
class ElementwiseMath : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ElementwiseMath, Types);

/// The worst of f against `exact` over a dense sweep of [low, high] and random bits in between.
template <class T, class F, class Exact>
double worst_ulps(T low, T high, F f, Exact exact) {
  constexpr int n = 400000;
  double worst = 0.0;
  const auto look = [&](T x) {
    const double error = test::ulps<T>(f(x), exact(static_cast<long double>(x)));
    if (error > kPromise && error > worst) ADD_FAILURE() << "off by " << error << " at " << x;
    worst = std::max(worst, error);
  };
  for (int i = 0; i <= n; ++i) look(low + (high - low) * (static_cast<T>(i) / static_cast<T>(n)));
  RandomState random_state(1);
  for (int i = 0; i < n; ++i) {
    const std::uint64_t word = random_state.next_u64();
    const T x = std::bit_cast<T>(static_cast<typename FloatFormat<T>::Bits>(word));
    if (x >= low && x <= high) look(x);
  }
  return worst;
}

TYPED_TEST(ElementwiseMath, Exp) {
  using T = TypeParam;
  const auto f = [](T x) { return kernels::exp(x); };
  const auto exact = [](long double x) { return std::exp(x); };
  constexpr T most = std::numeric_limits<T>::max();
  EXPECT_LE(worst_ulps<T>(-most, most, f, exact), kPromise);
  EXPECT_LE(worst_ulps<T>(-1, 1, f, exact), kPromise);
  // Overflow, denormal results and their ends included.
  const T reach = sizeof(T) == 8 ? T(760) : T(110);
  EXPECT_LE(worst_ulps<T>(-reach, reach, f, exact), kPromise);
}

TYPED_TEST(ElementwiseMath, Tanh) {
  using T = TypeParam;
  const auto f = [](T x) { return kernels::tanh(x); };
  const auto exact = [](long double x) { return std::tanh(x); };
  constexpr T most = std::numeric_limits<T>::max();
  EXPECT_LE(worst_ulps<T>(-most, most, f, exact), kPromise);
  EXPECT_LE(worst_ulps<T>(-25, 25, f, exact), kPromise);
  EXPECT_LE(worst_ulps<T>(T(-0.01), T(0.01), f, exact), kPromise);
  EXPECT_LE(worst_ulps<T>(T(0.19), T(0.22), f, exact), kPromise);  // a remainder near its largest
}

/// A little below where exp(-x) overflows the result is 0, and what it should be is a denormal
/// number.
TYPED_TEST(ElementwiseMath, Logistic) {
  using T = TypeParam;
  const auto f = [](T x) { return kernels::logistic(x); };
  const auto exact = [](long double x) { return 1.0L / (1.0L + std::exp(-x)); };
  const T edge = T(-1.0002) * std::log(std::numeric_limits<T>::max());
  EXPECT_LE(worst_ulps<T>(edge, std::numeric_limits<T>::max(), f, exact), kPromise);
  EXPECT_LE(worst_ulps<T>(edge, -edge, f, exact), kPromise);
  EXPECT_LE(worst_ulps<T>(-2, 2, f, exact), kPromise);
  for (const T x : {edge * T(1.002), T(-1e4), -std::numeric_limits<T>::max()}) {
    EXPECT_LE(f(x), std::numeric_limits<T>::min());
    EXPECT_GE(f(x), T(0));
  }
}

TEST(ElementwiseMathReciprocal, OfPositiveNormalNumbers) {
  const auto f = [](double x) { return kernels::reciprocal(x); };
  const auto exact = [](long double x) { return 1 / x; };
  EXPECT_LE(worst_ulps<double>(std::numeric_limits<double>::min(), 1e300, f, exact), kPromise);
  EXPECT_LE(worst_ulps<double>(1e-9, 1.0, f, exact), kPromise);
  EXPECT_LE(worst_ulps<double>(1.0, 2.0, f, exact), kPromise);
  EXPECT_TRUE(std::isnan(kernels::reciprocal(std::numeric_limits<double>::quiet_NaN())));
}

TEST(ElementwiseMathLog, OfPositiveNormalNumbers) {
  const auto f = [](double x) { return kernels::log(x); };
  const auto exact = [](long double x) { return std::log(x); };
  using Limits = std::numeric_limits<double>;
  EXPECT_LE(worst_ulps<double>(Limits::min(), Limits::max(), f, exact), kPromise);
  EXPECT_LE(worst_ulps<double>(Limits::epsilon(), 1.0, f, exact), kPromise);
  EXPECT_LE(worst_ulps<double>(0.5, 2.0, f, exact), kPromise);
  EXPECT_LE(worst_ulps<double>(1.0 - 1e-9, 1.0 + 1e-9, f, exact), kPromise);
  EXPECT_EQ(kernels::log(1.0), 0.0);
  EXPECT_TRUE(std::isnan(kernels::log(Limits::quiet_NaN())));
}

TYPED_TEST(ElementwiseMath, SpecialValues) {
  using T = TypeParam;
  constexpr T infinity = std::numeric_limits<T>::infinity();
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  EXPECT_EQ(kernels::exp(T(0)), T(1));
  EXPECT_EQ(kernels::exp(-T(0)), T(1));
  EXPECT_EQ(kernels::exp(infinity), infinity);
  EXPECT_EQ(kernels::exp(-infinity), T(0));
  EXPECT_EQ(kernels::tanh(infinity), T(1));
  EXPECT_EQ(kernels::tanh(-infinity), T(-1));
  EXPECT_EQ(kernels::tanh(T(0)), T(0));
  EXPECT_FALSE(std::signbit(kernels::tanh(T(0))));
  EXPECT_TRUE(std::signbit(kernels::tanh(-T(0))));
  EXPECT_EQ(kernels::logistic(-T(0)), T(0.5));
  EXPECT_EQ(kernels::logistic(infinity), T(1));
  EXPECT_EQ(kernels::logistic(-infinity), T(0));
  for (const T bad : {nan, -nan}) {
    EXPECT_TRUE(std::isnan(kernels::exp(bad)));
    EXPECT_TRUE(std::isnan(kernels::tanh(bad)));
    EXPECT_TRUE(std::isnan(kernels::logistic(bad)));
  }
}

TYPED_TEST(ElementwiseMath, DenormalArguments) {
  using T = TypeParam;
  for (const T x : {std::numeric_limits<T>::denorm_min(), std::numeric_limits<T>::min() / 3}) {
    EXPECT_EQ(kernels::exp(x), T(1));
    EXPECT_EQ(kernels::logistic(x), T(0.5));
    EXPECT_EQ(kernels::tanh(x), x);
    EXPECT_EQ(kernels::tanh(-x), -x);
  }
}

TYPED_TEST(ElementwiseMath, TanhIsOdd) {
  using T = TypeParam;
  for (T x = T(0.001); x < T(30); x *= T(1.37)) {
    EXPECT_EQ(kernels::tanh(-x), -kernels::tanh(x));
  }
}

}  // namespace
}  // namespace skarma::kernels
