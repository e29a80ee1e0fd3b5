#include <skarma/core/optim/lbfgs.hpp>

#include <cblas.h>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/minimise.hpp>
#include <skarma/tests/support/objectives.hpp>

namespace skarma {
namespace {

using test::Json;
using test::minimise_lbfgs;
using test::numbers;

/// SciPy's status codes.
int code_of(MinimiserStatus status) {
  switch (status) {
    case MinimiserStatus::converged:
      return 0;
    case MinimiserStatus::max_iter:
    case MinimiserStatus::max_fun:
      return 1;
    default:
      return 2;
  }
}

class LbfgsAgainstSciPy : public ::testing::TestWithParam<std::size_t> {};

TEST_P(LbfgsAgainstSciPy, IteratesCountsAndStatus) {
  const Json& one = test::golden("optimisers").at("cases").at(GetParam());
  const auto f = test::objective(one.at("function"));
  for (const Json& run : one.at("runs")) {
    SCOPED_TRACE(one.at("function").get<std::string>() + " " + run.dump().substr(0, 120));
    auto x = numbers(one.at("start"));
    const MinimiserResult result =
        minimise_lbfgs(f, x, {run.at("max_iter"), run.at("max_fun"), run.at("tol")});
    EXPECT_EQ(code_of(result.status), run.at("status").get<int>());
    const int n_iter = run.at("n_iter"), n_evaluations = run.at("n_evaluations");
    // Rounding grows along the path: SciPy itself takes 120 to 124 iterations instead of 124 when
    // its start moves by one ulp.
    EXPECT_NEAR(result.n_iter, n_iter, n_iter > 100 ? 5 : 0);
    EXPECT_NEAR(result.n_evaluations, n_evaluations, n_iter > 100 ? 8 : 0);
    if (n_iter > 15) continue;
    EXPECT_TRUE(test::close(x, numbers(run.at("x")), 1e-9));
    EXPECT_TRUE(test::close(result.value, test::number(run.at("value")), 1e-9));
  }
}

std::string problem_case(const ::testing::TestParamInfo<std::size_t>& info) {
  const Json& one = test::golden("optimisers").at("cases").at(info.param);
  return one.at("function").get<std::string>() + "_" + std::to_string(info.param);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, LbfgsAgainstSciPy,
    ::testing::Range<std::size_t>(0, test::golden("optimisers").at("cases").size()), problem_case);

TEST(Lbfgs, TheCasesIncludeANaNWallAndItIsHit) {
  int met = 0;
  for (const Json& one : test::golden("optimisers").at("cases")) {
    for (const Json& run : one.at("runs")) met += run.at("met_nan").get<bool>() ? 1 : 0;
  }
  EXPECT_GT(met, 0);
}

/// Spec 2.9.2e: max_fun is looked at between iterations and strictly exceeded; max_iter comes
/// first.
TEST(Lbfgs, OrderOfTheStoppingTests) {
  std::vector<double> x{-1.2, 1.0};
  auto result = minimise_lbfgs(test::rosenbrock, x, {.max_iter = 1, .max_fun = 1});
  EXPECT_EQ(result.status, MinimiserStatus::max_iter);
  x = {-1.2, 1.0};
  result = minimise_lbfgs(test::rosenbrock, x, {.max_iter = 1, .gradient_tol = 10.0});
  EXPECT_EQ(result.status, MinimiserStatus::max_iter);
  x = {-1.2, 1.0};
  result = minimise_lbfgs(test::rosenbrock, x, {.max_fun = 3});
  EXPECT_EQ(result.status, MinimiserStatus::max_fun);
  EXPECT_EQ(result.n_evaluations, 4);
}

TEST(Lbfgs, TheResultIsTheValueAtTheReturnedPoint) {
  std::vector<double> x{-1.2, 1.0}, g(2);
  const auto result = minimise_lbfgs(test::rosenbrock, x, {.max_iter = 7});
  EXPECT_EQ(result.value, test::rosenbrock(x, g));
}

TEST(Lbfgs, AFailedSearchLeavesTheLastAcceptedPoint) {
  const auto nan_everywhere_else = [](std::span<const double> x, std::span<double> g) {
    const bool at_start = x[0] == 2.0;
    g[0] = at_start ? 4.0 : std::nan("");
    return at_start ? 4.0 : std::nan("");
  };
  std::vector<double> x{2.0};
  const auto result = minimise_lbfgs(nan_everywhere_else, x, {});
  EXPECT_EQ(result.status, MinimiserStatus::line_search_failed);
  EXPECT_EQ(x[0], 2.0);
  EXPECT_EQ(result.value, 4.0);
  EXPECT_EQ(result.n_iter, 0);
}

/// SciPy 1.17 ends so, too: it looks for the minimum of a quadratic along -g, with overflow.
TEST(Lbfgs, AGradientWhoseSquareOverflowsFailsTheSearch) {
  const auto end_of = [](double scale) {
    std::vector<double> x{1.0, 2.0};
    return minimise_lbfgs(
        [=](std::span<const double> at, std::span<double> g) {
          for (std::size_t i = 0; i < 2; ++i) g[i] = scale * at[i];
          return scale * (at[0] * at[0] + at[1] * at[1]) / 2;
        },
        x, {});
  };
  EXPECT_EQ(end_of(1e153).status, MinimiserStatus::converged);
  const auto result = end_of(1e155);
  EXPECT_EQ(result.status, MinimiserStatus::line_search_failed);
  EXPECT_EQ(result.n_iter, 0);
  EXPECT_EQ(result.n_evaluations, 21);
}

TEST(Lbfgs, AStopRequestLeavesTheLastAcceptedPoint) {
  std::stop_source source;
  std::vector<double> x{-1.2, 1.0}, g(2);
  std::vector<double> values;
  const auto result =
      minimise_lbfgs(test::rosenbrock, x, {}, source.get_token(), [&](int n_iter, double f) {
        values.push_back(f);
        if (n_iter == 5) source.request_stop();
      });
  EXPECT_EQ(result.status, MinimiserStatus::cancelled);
  EXPECT_EQ(result.n_iter, 5);
  EXPECT_EQ(test::rosenbrock(x, g), values.back());
  EXPECT_EQ(values.size(), 5u);
}

TEST(Lbfgs, EveryIterationGoesDown) {
  std::vector<double> x(20, -1.0);
  double last = INFINITY;
  minimise_lbfgs(test::rosenbrock, x, {.max_iter = 60}, {}, [&](int, double f) {
    EXPECT_LT(f, last);
    last = f;
  });
}

TEST(Lbfgs, ThreadsOfBlasChangeNoBit) {
  const auto end_of = [](int n_threads) {
    openblas_set_num_threads(n_threads);
    std::vector<double> x(12'000, -1.0);
    minimise_lbfgs(test::rosenbrock, x, {.max_iter = 5});
    return x;
  };
  const int before = openblas_get_num_threads();
  const auto expected = end_of(1);
  for (const int n_threads : {2, 3}) EXPECT_EQ(end_of(n_threads), expected) << n_threads;
  openblas_set_num_threads(before);
}

/// The evaluation that hears the request is thrown away, whatever it left behind.
TEST(Lbfgs, AStopRequestInsideAnEvaluationThrowsItAway) {
  for (const int stopped : {1, 2, 9}) {
    SCOPED_TRACE(stopped);
    std::stop_source source;
    int n_evaluations = 0;
    std::vector<double> x{-1.2, 1.0};
    const auto start = x;
    const auto objective = [&](std::span<const double> at, std::span<double> g) {
      const double value = test::rosenbrock(at, g);
      if (++n_evaluations < stopped) return value;
      source.request_stop();
      g[0] = g[1] = 0.0;  // as if converged
      return -1e300;
    };
    const auto result = minimise_lbfgs(objective, x, {}, source.get_token());
    EXPECT_EQ(result.status, MinimiserStatus::cancelled);
    EXPECT_EQ(n_evaluations, stopped);
    std::vector<double> g(2);
    if (stopped == 1) {
      EXPECT_EQ(x, start);
      EXPECT_TRUE(std::isnan(result.value));
    } else {
      EXPECT_EQ(result.value, test::rosenbrock(x, g));
    }
  }
}

/// Asked and told in turns with another, a minimisation goes its own way to the last bit.
TEST(Lbfgs, MinimisationsInTurnsAreThoseOfTheirOwn) {
  const std::vector<std::vector<double>> starts = {{-1.2, 1.0}, std::vector<double>(20, -1.0)};
  std::vector<std::unique_ptr<Lbfgs>> group;
  for (const auto& start : starts)
    group.push_back(std::make_unique<Lbfgs>(start, MinimiserLimits{}));
  for (bool asked = true; asked;) {
    asked = false;
    for (const auto& one : group) {
      const auto event = one->next();
      if (event == Lbfgs::Event::evaluate) {
        one->tell(test::rosenbrock(one->point(), one->gradient()));
      }
      asked = asked || event != Lbfgs::Event::ended;
    }
  }
  for (std::size_t i = 0; i < starts.size(); ++i) {
    auto x = starts[i];
    const auto alone = minimise_lbfgs(test::rosenbrock, x, {});
    EXPECT_TRUE(test::same_bits(group[i]->x(), x));
    EXPECT_EQ(group[i]->result().n_iter, alone.n_iter);
    EXPECT_EQ(group[i]->result().n_evaluations, alone.n_evaluations);
    EXPECT_EQ(group[i]->result().status, alone.status);
  }
}

TEST(Lbfgs, AsksAgainUntilItIsToldAndNotAfterItsEnd) {
  Lbfgs lbfgs({-1.2, 1.0}, {.max_iter = 1});
  EXPECT_EQ(lbfgs.next(), Lbfgs::Event::evaluate);
  EXPECT_EQ(lbfgs.next(), Lbfgs::Event::evaluate);
  EXPECT_TRUE(std::isnan(lbfgs.value()));
  while (lbfgs.next() == Lbfgs::Event::evaluate) {
    lbfgs.tell(test::rosenbrock(lbfgs.point(), lbfgs.gradient()));
  }
  EXPECT_EQ(lbfgs.n_iter(), 1);  // its iteration has been told of
  EXPECT_EQ(lbfgs.next(), Lbfgs::Event::ended);
  EXPECT_THROW(lbfgs.tell(0.0), std::logic_error);
}

/// With a tolerance that no gradient meets, the fixed function tolerance ends the run (spec 2.9.5).
TEST(Lbfgs, ATinyToleranceEndsByTheFunctionTest) {
  std::vector<double> x{-1.2, 1.0};
  auto result = minimise_lbfgs(test::rosenbrock, x, {.gradient_tol = 1e-12});
  EXPECT_EQ(result.status, MinimiserStatus::converged);
  EXPECT_LT(result.value, 1e-9);
  EXPECT_NEAR(x[0], 1.0, 1e-4);

  std::vector<double> q(7, 1.0);
  result = minimise_lbfgs(test::quadratic, q, {.max_iter = 1000, .gradient_tol = 1e-12});
  EXPECT_EQ(result.status, MinimiserStatus::converged);
  EXPECT_LT(result.value, 1e-7);
}

}  // namespace
}  // namespace skarma
