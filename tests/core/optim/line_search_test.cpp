#include <skarma/core/optim/line_search.hpp>

#include <cmath>
#include <functional>
#include <limits>

#include <gtest/gtest.h>

namespace skarma {
namespace {

using Status = MoreThuente::Status;

/// phi(t) and its slope.
using Function = std::function<std::pair<double, double>(double)>;

struct Outcome {
  Status status;
  double step;
  int trials;
};

Outcome search(const Function& phi, double first_step) {
  const auto [value, slope] = phi(0.0);
  MoreThuente search(value, slope, first_step);
  Outcome outcome{Status::searching, 0.0, 0};
  while (outcome.status == Status::searching) {
    outcome.step = search.step();
    const auto [v, s] = phi(outcome.step);
    outcome.status = search.advance(v, s);
    ++outcome.trials;
  }
  return outcome;
}

/// Sufficient decrease (1e-3) and curvature (0.9): what the search promises.
void expect_wolfe(const Function& phi, const Outcome& outcome) {
  const auto [value_0, slope_0] = phi(0.0);
  const auto [value, slope] = phi(outcome.step);
  EXPECT_EQ(outcome.status, Status::accepted);
  EXPECT_LE(value, value_0 + 1e-3 * outcome.step * slope_0);
  EXPECT_LE(std::abs(slope), 0.9 * std::abs(slope_0));
}

struct Problem {
  const char* name;
  Function phi;
};

void PrintTo(const Problem& problem, std::ostream* out) { *out << problem.name; }

using Pair = std::pair<double, double>;

/// Rational and quintic are functions 1 and 2 of More and Thuente's section 5.
std::vector<Problem> problems() {
  const auto parabola = [](double t) { return Pair{(t - 1) * (t - 1), 2 * (t - 1)}; };
  const auto rational = [](double t) {
    const double d = t * t + 2;
    return Pair{-t / d, (t * t - 2) / (d * d)};
  };
  const auto quintic = [](double t) {
    const double u = t + 0.5;
    return Pair{std::pow(u, 5) - 2 * std::pow(u, 4), 5 * std::pow(u, 4) - 8 * std::pow(u, 3)};
  };
  const auto waves = [](double t) {
    return Pair{0.1 * t * t - std::sin(2 * t), 0.2 * t - 2 * std::cos(2 * t)};
  };
  const auto hyperbola = [](double t) {
    const double f = std::sqrt(1 + (t - 2) * (t - 2));
    return Pair{f, (t - 2) / f};
  };
  return {{"Parabola", parabola},
          {"Rational", rational},
          {"Quintic", quintic},
          {"Waves", waves},
          {"Hyperbola", hyperbola}};
}

class LineSearch : public ::testing::TestWithParam<Problem> {};

TEST_P(LineSearch, AcceptsOnlyWolfePointsFromAnyFirstStep) {
  for (const double first : {1e-4, 1e-2, 0.1, 0.5, 1.0, 3.0, 10.0, 1e3}) {
    SCOPED_TRACE(first);
    const Outcome outcome = search(GetParam().phi, first);
    expect_wolfe(GetParam().phi, outcome);
    EXPECT_LE(outcome.trials, 20);
  }
}

std::string line_search_name(const ::testing::TestParamInfo<Problem>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Problems, LineSearch, ::testing::ValuesIn(problems()), line_search_name);

TEST(MoreThuente, AGoodFirstStepIsTakenAsItIs) {
  const auto parabola = [](double t) { return std::pair{(t - 1) * (t - 1), 2 * (t - 1)}; };
  const Outcome outcome = search(parabola, 0.9);
  EXPECT_EQ(outcome.trials, 1);
  EXPECT_EQ(outcome.step, 0.9);
}

TEST(MoreThuente, ADescentWithoutEndStopsAtTheLongestStep) {
  const Outcome outcome = search([](double t) { return std::pair{-t, -1.0}; }, 1.0);
  EXPECT_EQ(outcome.status, Status::accepted);
  EXPECT_EQ(outcome.step, 1e10);
}

TEST(MoreThuente, FailsAfterTwentyTrials) {
  const double nan = std::nan("");
  const auto wall = [nan](double t) {
    return t > 0.0 ? std::pair{nan, nan} : std::pair{1.0, -1.0};
  };
  const Outcome outcome = search(wall, 1.0);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.trials, 20);
}

/// Steps scale with the function: phi(t / s) is searched as phi(t), for s a power of two to the
/// bit.
TEST(MoreThuente, DoesNotDependOnTheUnitOfTheStep) {
  const auto phi = [](double t) { return std::pair{std::exp(t) - 3 * t, std::exp(t) - 3}; };
  const double s = 1024.0;
  const auto scaled = [&](double t) {
    const auto [value, slope] = phi(t / s);
    return std::pair{value, slope / s};
  };
  const Outcome one = search(phi, 8.0), other = search(scaled, 8.0 * s);
  EXPECT_EQ(other.step, one.step * s);
  EXPECT_EQ(other.trials, one.trials);
}

}  // namespace
}  // namespace skarma
