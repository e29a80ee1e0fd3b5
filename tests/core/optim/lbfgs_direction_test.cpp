#include <skarma/core/optim/lbfgs_direction.hpp>

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
    const auto d = ours.at(x, g);
    const Vector direction(d.begin(), d.end());
    ASSERT_TRUE(test::close(direction, plain.direction(g), 1e-10));
    EXPECT_LT(dot(direction, g), 0.0);
    const double length = step == 0 ? 0.1 / std::sqrt(dot(direction, direction)) : 0.5;
    const Vector next = plus(x, length, direction);
    plain.add(plus(next, -1.0, x), plus(f.gradient(next), -1.0, g));
    x = next;
  }
}

INSTANTIATE_TEST_SUITE_P(Problems, LbfgsDirectionTest,
                         ::testing::Combine(::testing::Values(1, 2, 3, 4, 5),
                                            ::testing::Values(1.0, 1e6, 1e-6)));

TEST(LbfgsDirection, BeginsWithSteepestDescentAndForgets) {
  LbfgsDirection direction;
  const Vector x0{0, 0}, g0{3, 4}, x1{-0.3, -0.4}, g1{2, 1};
  const auto first = direction.at(x0, g0);
  EXPECT_EQ(Vector(first.begin(), first.end()), (Vector{-3, -4}));
  EXPECT_FALSE(direction.has_history());
  direction.at(x1, g1);
  EXPECT_TRUE(direction.has_history());
  direction.forget();
  EXPECT_FALSE(direction.has_history());
  const auto again = direction.at(x1, g1);
  EXPECT_EQ(Vector(again.begin(), again.end()), (Vector{-2, -1}));
}

/// dlib drops its pairs when |s'y| of the scaled gradients is below 2.2e-16, that is for steps
/// shorter than about 1.5e-8 (spec 2.9.5): what is left is steepest descent, a direction still.
TEST(LbfgsDirection, AfterATinyStepItIsSteepestDescent) {
  LbfgsDirection direction;
  const Vector x0{1, 1}, g0{1, 10}, x1{0.9, 0}, g1{0.9, 0}, x2{0.9, 1e-9}, g2{0.9, 1e-8};
  direction.at(x0, g0);
  direction.at(x1, g1);
  const auto d = direction.at(x2, g2);
  const Vector tiny(d.begin(), d.end());
  EXPECT_LT(dot(tiny, g2), 0.0);
  EXPECT_NEAR(tiny[1] / tiny[0], g2[1] / g2[0], 1e-12);
}

}  // namespace
}  // namespace skarma
