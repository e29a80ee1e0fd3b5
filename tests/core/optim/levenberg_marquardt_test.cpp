#include <skarma/core/optim/levenberg_marquardt.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/matrix.hpp>
#include <skarma/tests/support/compare.hpp>

namespace skarma {
namespace {

using Numbers = std::vector<double>;

/// Residuals at x, and their derivatives, a row each.
struct Residuals {
  Numbers r;
  Matrix<double> j;
};
using ResidualsOf = std::function<Residuals(std::span<const double> x)>;

double half_square(const Numbers& r) {
  return std::inner_product(r.begin(), r.end(), r.begin(), 0.0) / 2;
}

struct Minimum {
  MinimiserResult result;
  Numbers x;
  Numbers values{};  // after each iteration
};

/// What one evaluation tells.
void tell(LevenbergMarquardt& lm, const ResidualsOf& problem) {
  const auto [r, j] = problem(lm.point());
  if (lm.wants_curvature()) {
    const std::size_t n = j.cols();
    for (std::size_t a = 0; a < n; ++a) {
      lm.gradient()[a] = 0.0;
      for (std::size_t i = 0; i < r.size(); ++i) lm.gradient()[a] += r[i] * j(i, a);
      for (std::size_t b = a; b < n; ++b) {
        lm.curvature()[a * n + b] = 0.0;
        for (std::size_t i = 0; i < r.size(); ++i) lm.curvature()[a * n + b] += j(i, a) * j(i, b);
      }
    }
  }
  lm.tell(half_square(r));
}

Minimum minimise(const ResidualsOf& problem, Numbers start, const MinimiserLimits& limits = {}) {
  LevenbergMarquardt lm(std::move(start), limits);
  Numbers values;
  for (auto event = lm.next(); event != Minimiser::Event::ended; event = lm.next()) {
    if (event == Minimiser::Event::iterated) {
      values.push_back(lm.value());
      EXPECT_EQ(values.size(), static_cast<std::size_t>(lm.n_iter()));
    } else {
      tell(lm, problem);
    }
  }
  return {lm.result(), lm.x(), values};
}

// The functions of More, Garbow and Hillstrom, "Testing unconstrained optimization software", ACM
// TOMS 7 (1981), with their starts and the minima that are published there (of the whole square).

Residuals rosenbrock(std::span<const double> x) {
  return {{10 * (x[1] - x[0] * x[0]), 1 - x[0]}, Matrix<double>(2, 2, {-20 * x[0], 10, -1, 0})};
}

Residuals freudenstein_roth(std::span<const double> x) {
  const double y = x[1];
  return {{-13 + x[0] + ((5 - y) * y - 2) * y, -29 + x[0] + ((y + 1) * y - 14) * y},
          Matrix<double>(2, 2, {1, 10 * y - 3 * y * y - 2, 1, 3 * y * y + 2 * y - 14})};
}

Residuals powell_singular(std::span<const double> x) {
  const double a = x[1] - 2 * x[2], b = x[0] - x[3];
  return {{x[0] + 10 * x[1], std::sqrt(5.0) * (x[2] - x[3]), a * a, std::sqrt(10.0) * b * b},
          Matrix<double>(4, 4,
                         {1, 10, 0, 0, 0, 0, std::sqrt(5.0), -std::sqrt(5.0), 0, 2 * a, -4 * a, 0,
                          2 * std::sqrt(10.0) * b, 0, 0, -2 * std::sqrt(10.0) * b})};
}

Residuals brown_dennis(std::span<const double> x) {
  Residuals all{Numbers(20), Matrix<double>(20, 4)};
  for (std::size_t i = 0; i < 20; ++i) {
    const double t = static_cast<double>(i + 1) / 5;
    const double u = x[0] + t * x[1] - std::exp(t);
    const double v = x[2] + x[3] * std::sin(t) - std::cos(t);
    all.r[i] = u * u + v * v;
    const double row[] = {2 * u, 2 * u * t, 2 * v, 2 * v * std::sin(t)};
    std::ranges::copy(row, all.j.row(i).begin());
  }
  return all;
}

TEST(LevenbergMarquardt, ReachesPublishedMinima) {
  struct PublishedMinimum {
    const char* name;
    ResidualsOf problem;
    Numbers start;
    double whole_square;
  };
  const PublishedMinimum cases[] = {
      {"Rosenbrock", rosenbrock, {-1.2, 1}, 0.0},
      {"Freudenstein and Roth", freudenstein_roth, {0.5, -2}, 48.9842},
      {"Powell's singular function", powell_singular, {3, -1, 0, 1}, 0.0},
      {"Brown and Dennis", brown_dennis, {25, 5, -5, -1}, 85822.2}};
  for (const PublishedMinimum& one : cases) {
    SCOPED_TRACE(one.name);
    const Minimum found = minimise(one.problem, one.start, {300, 1000, 1e-9});
    EXPECT_EQ(found.result.status, MinimiserStatus::converged);
    EXPECT_NEAR(2 * found.result.value, one.whole_square, 2e-6 * one.whole_square + 1e-11);
    EXPECT_EQ(found.result.value, half_square(one.problem(found.x).r));
    EXPECT_TRUE(std::ranges::is_sorted(found.values, std::ranges::greater()));
  }
}

TEST(LevenbergMarquardt, TakesFewIterationsDownRosenbrocksValley) {
  const Minimum found = minimise(rosenbrock, {-1.2, 1});
  EXPECT_LT(found.result.n_iter, 40);
  EXPECT_TRUE(test::close(found.x, Numbers{1, 1}, 1e-4));
}

/// x[1] moves nothing.
Residuals of_one_of_two(std::span<const double> x) {
  return {{x[0] - 3, 2 * x[0] - 6}, Matrix<double>(2, 2, {1, 0, 2, 0})};
}

TEST(LevenbergMarquardt, LeavesWhatMovesNothing) {
  const Minimum found = minimise(of_one_of_two, {0, 5}, {100, 1000, 1e-12});
  EXPECT_EQ(found.result.status, MinimiserStatus::converged);
  EXPECT_NEAR(found.x[0], 3, 1e-9);
  EXPECT_EQ(found.x[1], 5);
}

TEST(LevenbergMarquardt, StopsAtItsLimits) {
  const Minimum few = minimise(rosenbrock, {-1.2, 1}, {3, 1000, 0.0});
  EXPECT_EQ(few.result.status, MinimiserStatus::max_iter);
  EXPECT_EQ(few.result.n_iter, 3);
  EXPECT_EQ(few.values.size(), 3U);
  EXPECT_EQ(few.values.back(), few.result.value);
  const Minimum rare = minimise(rosenbrock, {-1.2, 1}, {1000, 4, 0.0});
  EXPECT_EQ(rare.result.status, MinimiserStatus::max_fun);
  EXPECT_EQ(rare.result.n_evaluations, 5);
  const Minimum there = minimise(rosenbrock, {1, 1});
  EXPECT_EQ(there.result.status, MinimiserStatus::converged);
  EXPECT_EQ(there.result.n_iter, 0);
  EXPECT_EQ(there.result.n_evaluations, 1);
}

/// With a wall behind which nothing has a value.
Residuals walled_rosenbrock(std::span<const double> x) {
  Residuals all = rosenbrock(x);
  if (x[1] > 1.5) all.r[0] = std::numeric_limits<double>::quiet_NaN();
  return all;
}

TEST(LevenbergMarquardt, StepsBackFromWhatIsNoNumber) {
  const Minimum found = minimise(walled_rosenbrock, {-1.2, 1}, {300, 1000, 1e-9});
  EXPECT_EQ(found.result.status, MinimiserStatus::converged);
  EXPECT_TRUE(test::close(found.x, Numbers{1, 1}, 1e-6));
}

TEST(LevenbergMarquardt, EndsWhereNothingIsANumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const ResidualsOf nothing = [=](std::span<const double>) {
    return Residuals{{nan, nan}, Matrix<double>(2, 2, {nan, nan, nan, nan})};
  };
  const Minimum found = minimise(nothing, {1, 2});
  EXPECT_EQ(found.result.status, MinimiserStatus::line_search_failed);
  EXPECT_EQ(found.x, (Numbers{1, 2}));
}

TEST(LevenbergMarquardt, ACancelledOneStaysWhereItHasCome) {
  LevenbergMarquardt lm({-1.2, 1}, {});
  while (lm.next() == Minimiser::Event::evaluate) tell(lm, rosenbrock);
  const Numbers x = lm.x();
  ASSERT_EQ(lm.n_iter(), 1);
  ASSERT_EQ(lm.next(), Minimiser::Event::evaluate);
  lm.cancel();
  EXPECT_EQ(lm.next(), Minimiser::Event::ended);
  EXPECT_EQ(lm.result().status, MinimiserStatus::cancelled);
  EXPECT_EQ(lm.x(), x);
  EXPECT_EQ(lm.result().value, half_square(rosenbrock(x).r));
}

}  // namespace
}  // namespace skarma
