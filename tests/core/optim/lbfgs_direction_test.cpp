#include <skarma/core/optim/lbfgs_direction.hpp>

#include <cblas.h>

#include <cmath>
#include <deque>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Vector plus(const Vector& a, double factor, const Vector& b) {
  Vector sum = a;
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += factor * b[i];
  return sum;
}

Vector copied(const LbfgsDirection::Scaled& direction) {
  Vector d(direction.values.begin(), direction.values.end());
  for (double& value : d) value *= direction.factor;
  return d;
}

/// Nocedal and Wright, algorithm 7.4, over at most 10 pairs with scaling s'y / y'y of the newest.
class TwoLoop {
 public:
  void add(Vector s, Vector y) {
    pairs_.push_back({std::move(s), std::move(y)});
    if (pairs_.size() > 10) pairs_.pop_front();
  }

  Vector direction(const Vector& g) const {
    Vector q = plus(Vector(g.size(), 0.0), -1.0, g);
    if (pairs_.empty()) return q;
    std::vector<double> alpha(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      const auto& [s, y] = pairs_[i];
      alpha[i] = dot(s, q) / dot(s, y);
      q = plus(q, -alpha[i], y);
    }
    const auto& [s_new, y_new] = pairs_.back();
    for (double& v : q) v *= dot(s_new, y_new) / dot(y_new, y_new);
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const auto& [s, y] = pairs_[i];
      q = plus(q, alpha[i] - dot(y, q) / dot(s, y), s);
    }
    return q;
  }

 private:
  std::deque<std::pair<Vector, Vector>> pairs_;
};

/// A convex function: x' A'A x / 2 + |x|^4 / 4 times `scale`; only its gradient is needed.
struct Convex {
  Matrix<double> a;
  double scale;

  Vector gradient(const Vector& x) const {
    const std::size_t n = x.size();
    Vector ax(n), g(n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) ax[i] += a(i, j) * x[j];
    }
    const double square = dot(x, x);
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = 0; i < n; ++i) g[j] += a(i, j) * ax[i];
      g[j] = scale * (g[j] + square * x[j]);
    }
    return g;
  }
};

class LbfgsDirectionTest : public ::testing::TestWithParam<std::tuple<std::uint32_t, double>> {};

/// 30 steps, three times the length of the history, each half the way that the direction proposes.
TEST_P(LbfgsDirectionTest, EqualsAPlainTwoLoopRecursion) {
  const auto [seed, scale] = GetParam();
  constexpr std::size_t n = 15;
  const Convex f{test::random_matrix(n, n, seed), scale};
  Vector x = test::random_numbers(n, seed + 100);
  LbfgsDirection ours;
  TwoLoop plain;
  for (int step = 0; step < 30; ++step) {
    SCOPED_TRACE(step);
    const Vector g = f.gradient(x);
    ours.move(x, g);
    const Vector direction = copied(ours.direction());
    ASSERT_TRUE(test::close(direction, plain.direction(g), 1e-10));
    EXPECT_LT(dot(direction, g), 0.0);
    const double length = step == 0 ? 0.1 / std::sqrt(dot(direction, direction)) : 0.5;
    const Vector next = plus(x, length, direction);
    plain.add(plus(next, -1.0, x), plus(f.gradient(next), -1.0, g));
    x = next;
  }
}

std::string problem_name(const ::testing::TestParamInfo<LbfgsDirectionTest::ParamType>& info) {
  const auto& [seed, scale] = info.param;
  return "Seed" + std::to_string(seed) + (scale > 1 ? "Large" : scale < 1 ? "Small" : "");
}

INSTANTIATE_TEST_SUITE_P(Problems, LbfgsDirectionTest,
                         ::testing::Combine(::testing::Values(1, 2, 3, 4, 5),
                                            ::testing::Values(1.0, 1e6, 1e-6)),
                         problem_name);

TEST(LbfgsDirection, BeginsWithSteepestDescentAndForgets) {
  LbfgsDirection direction;
  const Vector x0{0, 0}, g0{3, 4}, x1{-0.3, -0.4}, g1{2, 1};
  direction.move(x0, g0);
  EXPECT_EQ(copied(direction.direction()), (Vector{-3, -4}));
  EXPECT_FALSE(direction.has_history());
  direction.move(x1, g1);
  EXPECT_TRUE(direction.has_history());
  direction.forget();
  EXPECT_FALSE(direction.has_history());
  EXPECT_EQ(copied(direction.direction()), (Vector{-2, -1}));
}

/// A walk whose steps and curvatures have any size: `step_size(i)` and `scaling(i)` = s'y / y'y of
/// its step number i, about.
struct Walk {
  std::vector<Vector> x, g;

  template <class StepSize, class Scaling>
  Walk(std::size_t n_steps, const StepSize& step_size, const Scaling& scaling) {
    constexpr std::size_t n = 15;
    x.emplace_back(n, 0.0);
    g.push_back(test::random_numbers(n, 1));
    for (std::size_t i = 0; i < n_steps; ++i) {
      const Vector s = test::random_numbers(n, static_cast<std::uint32_t>(10 + i));
      const Vector noise = test::random_numbers(n, static_cast<std::uint32_t>(1000 + i));
      x.push_back(plus(x.back(), step_size(i), s));
      const double unit = step_size(i) / scaling(i);
      g.push_back(plus(plus(g.back(), unit, s), 0.2 * unit, noise));
    }
  }

  Vector step(std::size_t i) const { return plus(x[i + 1], -1.0, x[i]); }
  Vector change(std::size_t i) const { return plus(g[i + 1], -1.0, g[i]); }
};

void expect_two_loop(const Walk& walk) {
  LbfgsDirection ours;
  TwoLoop plain;
  ours.move(walk.x[0], walk.g[0]);
  for (std::size_t i = 0; i + 1 < walk.x.size(); ++i) {
    SCOPED_TRACE(i);
    ours.move(walk.x[i + 1], walk.g[i + 1]);
    plain.add(walk.step(i), walk.change(i));
    ASSERT_TRUE(test::close(copied(ours.direction()), plain.direction(walk.g[i + 1]), 1e-9));
  }
}

/// dlib clamps s'y / y'y to [1e-3, 1e3]: here it wanders through six powers of ten, and jumps.
TEST(LbfgsDirection, AnyScalingOfAPairIsTakenAsItIs) {
  expect_two_loop(Walk(
      60, [](std::size_t) { return 0.1; },
      [](std::size_t i) { return std::pow(10.0, 3 * std::sin(0.3 * static_cast<double>(i))); }));
  expect_two_loop(Walk(
      40, [](std::size_t) { return 0.1; }, [](std::size_t i) { return i % 7 == 0 ? 1e-3 : 1e3; }));
}

/// dlib drops all pairs where |s'y| is below 2.2e-16, that is after steps shorter than about 1e-8.
TEST(LbfgsDirection, AnyLengthOfAStepIsTakenAsItIs) {
  expect_two_loop(Walk(
      25, [](std::size_t i) { return std::pow(10.0, -0.2 * static_cast<double>(i)); },
      [](std::size_t) { return 1.0; }));
  expect_two_loop(Walk(
      25, [](std::size_t i) { return i % 4 == 0 ? 1e-5 : 1e3; }, [](std::size_t) { return 1e-9; }));
}

/// What dlib sees is in units that are powers of two: a problem in others has the same bits.
TEST(LbfgsDirection, UnitsChangeNoBit) {
  const Walk walk(
      40, [](std::size_t) { return 0.1; },
      [](std::size_t i) { return std::pow(10.0, 3 * std::sin(0.3 * static_cast<double>(i))); });
  const auto times = [](double factor, Vector v) {
    for (double& value : v) value *= factor;
    return v;
  };
  LbfgsDirection plain, scaled;
  for (std::size_t i = 0; i < walk.x.size(); ++i) {
    plain.move(walk.x[i], walk.g[i]);
    scaled.move(times(0x1p-35, walk.x[i]), times(0x1p+61, walk.g[i]));
    if (i == 0) continue;  // steepest descent is in the gradient's units
    ASSERT_EQ(times(0x1p-35, copied(plain.direction())), copied(scaled.direction())) << i;
  }
}

/// dlib's sums are BLAS's, which shares those of more than 10,000 numbers among its threads.
TEST(LbfgsDirection, ThreadsOfBlasChangeNoBit) {
  constexpr std::size_t n = 20'011;
  const auto direction_of = [](int n_threads) {
    openblas_set_num_threads(n_threads);
    LbfgsDirection direction;
    for (std::uint32_t i = 0; i < 4; ++i) {
      const Vector x = test::random_numbers(n, 7 + i);
      direction.move(x, plus(x, 0.1, test::random_numbers(n, 100 + i)));
    }
    EXPECT_TRUE(direction.has_history());
    return copied(direction.direction());
  };
  const int before = openblas_get_num_threads();
  const Vector expected = direction_of(1);
  for (const int n_threads : {2, 3, 4}) EXPECT_EQ(direction_of(n_threads), expected) << n_threads;
  openblas_set_num_threads(before);
}

TEST(LbfgsDirection, ASkippedStepLeavesThePairsAsTheyAre) {
  const Walk walk(
      40, [](std::size_t) { return 0.1; }, [](std::size_t) { return 0.5; });
  LbfgsDirection ours;
  TwoLoop plain;
  ours.move(walk.x[0], walk.g[0]);
  ours.skip(walk.x[1], walk.g[1]);
  EXPECT_FALSE(ours.has_history());
  EXPECT_EQ(copied(ours.direction()), plain.direction(walk.g[1]));
  for (std::size_t i = 1; i < 40; ++i) {
    SCOPED_TRACE(i);
    if (i % 5 == 0) {
      ours.skip(walk.x[i + 1], walk.g[i + 1]);
    } else {
      ours.move(walk.x[i + 1], walk.g[i + 1]);
      plain.add(walk.step(i), walk.change(i));
    }
    ASSERT_TRUE(test::close(copied(ours.direction()), plain.direction(walk.g[i + 1]), 1e-10));
  }
}

/// L-BFGS-B tells move from skip; what is no pair by any rule drops the history.
TEST(LbfgsDirection, AStepWithoutCurvatureDropsThePairs) {
  LbfgsDirection direction;
  direction.move(Vector{0, 0}, Vector{3, 4});
  direction.move(Vector{-0.3, -0.4}, Vector{2, 1});
  direction.move(Vector{-0.5, -0.5}, Vector{3, 2});
  EXPECT_FALSE(direction.has_history());
  EXPECT_EQ(copied(direction.direction()), (Vector{-3, -2}));
}

TEST(LbfgsDirection, AGradientWhoseSquareOverflowsHasNone) {
  LbfgsDirection direction;
  direction.move(Vector{0, 0}, Vector{1e153, 1});
  EXPECT_EQ(copied(direction.direction()), (Vector{-1e153, -1}));
  direction.move(Vector{1, 1}, Vector{1e155, 1});
  EXPECT_TRUE(std::isnan(direction.direction().factor));
}

}  // namespace
}  // namespace skarma
