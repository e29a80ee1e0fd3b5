#include <skarma/core/optim/restrained_step.hpp>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/special_values.hpp>

namespace skarma {
namespace {

using test::kNaN;

bool close(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  return test::close(a, b, tolerance);
}

/// Two inputs, two units: coefs 0 ... 3, where (0, 2) are what unit 0 reads by, then two biases.
const NetworkSpec kSpec = test::network({2, 2}, "identity", "squared_error");

/// The parameters after a step of plain gradient descent, and the penalties before.
struct Step {
  std::vector<double> w;
  double penalty;
};

Step step(const Restraints& restraints, std::vector<double> w, std::vector<double> gradient,
          double alpha = 0.0, double weight = 1.0, double rate = 1.0) {
  auto state = start_optimiser<double>({.name = "gd"}, 6);
  RestrainedStep<double> restrained(restraints, kSpec);
  const double penalty =
      restrained.take(state, kSpec, w, gradient, alpha, weight, rate, ThreadTeam::alone());
  return {w, penalty};
}

TEST(RestrainedStep, PenalisesMagnitudesOfTheCoefsAlone) {
  const auto [w, penalty] = step({.l1 = 0.5}, {3, -3, 3, -3, 3, -3}, {0, 0, 1, 1, 0, 0}, 0.2, 2.0);
  // (g + alpha w + l1 sign w) / weight
  EXPECT_TRUE(close(w, {3 - 0.55, -3 + 0.55, 3 - 1.05, -3 + 0.05, 3, -3}, 1e-15));
  EXPECT_NEAR(penalty, 0.1 * 4 * 9 + 0.5 * 4 * 3, 1e-15);
}

TEST(RestrainedStep, TakesNoCoefBeyondZero) {
  EXPECT_EQ(step({.l1 = 0.5}, {0.1, -0.1, 0.1, -0.1, 0.1, -0.1}, {0, 0, 9, -9, 9, -9}).w,
            (std::vector<double>{0, 0, 0, 0, -8.9, 8.9}));
}

TEST(RestrainedStep, LetsCoefsOfZeroGoForLargeGradientsAlone) {
  EXPECT_EQ(step({.l1 = 0.5}, {0, 0, 0, 0, 0, 0}, {0.25, -0.5, 0.75, -2, 0.25, 0}).w,
            (std::vector<double>{0, 0, -0.25, 1.5, -0.25, 0}));
}

/// Momentum pushes it, its gradient is within l1: it stays.
TEST(RestrainedStep, KeepsZerosFromMomentum) {
  auto state = start_optimiser<double>({.name = "sgd", .momentum = 0.9}, 6);
  state.moments.assign(6, 1.0);
  std::vector<double> w(6), gradient(6, 0.1);
  RestrainedStep<double>({.l1 = 0.5}, kSpec)
      .take(state, kSpec, w, gradient, 0.0, 1.0, 0.1, ThreadTeam::alone());
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(w[i], 0.0);
  EXPECT_NE(w[4], 0.0);
}

TEST(RestrainedStep, ClipsComponentsThenTheNorm) {
  EXPECT_EQ(step({.clip_value = 2}, {0, 0, 0, 0, 0, 0}, {3, -3, 1, -1, 9, 2}).w,
            (std::vector<double>{-2, 2, -1, 1, -2, -2}));
  const auto long_one = step({.clip_norm = 1}, {0, 0, 0, 0, 0, 0}, {3, 0, 0, 0, 0, 4}).w;
  const double share = 1 / (5 + 1e-6);
  EXPECT_TRUE(close(long_one, {-3 * share, 0, 0, 0, 0, -4 * share}, 1e-15));
  EXPECT_EQ(step({.clip_norm = 6}, {0, 0, 0, 0, 0, 0}, {3, 0, 0, 0, 0, 4}).w,
            (std::vector<double>{-3, 0, 0, 0, 0, -4}));
  const auto both = step({.clip_value = 3, .clip_norm = 1}, {0, 0, 0, 0, 0, 0}, {9, 0, 0, 0, 0, 4});
  EXPECT_NEAR(both.w[0], -std::sqrt(0.5), 1e-6);
  EXPECT_NEAR(both.w[5], -std::sqrt(0.5), 1e-6);
}

TEST(RestrainedStep, ShortensWhatAUnitReadsBy) {
  const auto w = step({.max_norm = 1}, {3, 0.1, 4, 0.2, 9, 9}, {0, 0, 0, 0, 0, 0}).w;
  EXPECT_TRUE(close(w, {0.6, 0.1, 0.8, 0.2, 9, 9}, 1e-15));
  EXPECT_EQ(w[1], 0.1);
}

TEST(RestrainedStep, KeepsNaN) {
  for (const Restraints& r :
       {Restraints{.l1 = 1}, {.clip_value = 1}, {.clip_norm = 1}, {.max_norm = 1}}) {
    const auto w = step(r, {1, 1, 1, 1, 1, 1}, {kNaN, 0, 0, 0, 0, 0}).w;
    EXPECT_TRUE(std::isnan(w[0]));
    const auto zero = step(r, {0, 0, 0, 0, 0, 0}, {kNaN, 0, 0, 0, 0, 0}).w;
    EXPECT_TRUE(std::isnan(zero[0]));
  }
}

TEST(RestrainedStep, LeavesFrozenLayersAlone) {
  NetworkSpec spec = test::network({2, 2, 1}, "tanh", "squared_error");
  const int frozen[] = {0};
  spec.freeze(frozen);
  auto state = start_optimiser<double>({.name = "gd"}, 9);
  std::vector<double> w{3, 3, 3, 3, 3, 4, 1, 1, 1}, gradient(9, 0.0);
  gradient[0] = 100;
  gradient[8] = 1;
  RestrainedStep<double>({.clip_norm = 10, .max_norm = 1}, spec)
      .take(state, spec, w, gradient, 0.0, 1.0, 1.0, ThreadTeam::alone());
  EXPECT_TRUE(close(w, {3, 3, 3, 3, 0.6, 0.8, 1, 1, 0}, 1e-15));
}

/// Pieces of parameters are cut by their number alone.
TEST(RestrainedStep, HasTheSameBitsOnSeveralThreads) {
  const NetworkSpec spec = test::network({200, 300, 3}, "tanh", "log_loss");
  const auto run = [&](ThreadTeam& team) {
    auto state = start_optimiser<float>({.name = "adam"}, spec.n_trained());
    auto w = test::initial_parameters<float>(spec, 1);
    auto gradient = test::initial_parameters<float>(spec, 2);
    const double penalty =
        RestrainedStep<float>({.l1 = 0.1, .clip_value = 0.05, .clip_norm = 0.5, .max_norm = 0.4},
                              spec)
            .take(state, spec, w, gradient, 0.1, 3.0, 0.01, team);
    return std::pair(w, penalty);
  };
  ThreadTeam team(2);
  EXPECT_EQ(run(team), run(ThreadTeam::alone()));
}

}  // namespace
}  // namespace skarma
