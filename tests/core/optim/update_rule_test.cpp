#include <skarma/core/optim/update_rule.hpp>

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/networks.hpp>

namespace skarma {
namespace {

using test::close;

const NetworkSpec kTwoParameters = test::network({1, 1}, "identity", "squared_error");

/// x1, x2, x3 for f = x^2 / 2 from x0 = 1 with rate 0.1: the lecture's unit-test iterates
/// (experiments.md, section B), and PyTorch 2.15's for the rules it has not. Weight and bias both
/// run on the same function: what decays is the weight.
template <class T>
struct Iterates {
  std::vector<T> weight, bias;
};

template <class T>
Iterates<T> iterates(const UpdateRule& rule) {
  auto state = start_optimiser<T>(rule, 2);
  std::vector<T> x{1, 1};
  Iterates<T> result;
  for (int step = 0; step < 3; ++step) {
    std::vector<T> gradient = x;
    take_step<T>(state, kTwoParameters, x, gradient, 0.0, 1.0, 0.1);
    result.weight.push_back(x[0]);
    result.bias.push_back(x[1]);
  }
  EXPECT_EQ(state.n_steps, 3);
  return result;
}

struct RuleCase {
  const char* name;
  UpdateRule rule;
  std::vector<double> expected;
  double rtol;
  std::vector<double> expected_bias = expected;
};

void PrintTo(const RuleCase& one, std::ostream* out) { *out << one.name; }

class UpdateRuleIterates : public ::testing::TestWithParam<RuleCase> {};

TEST_P(UpdateRuleIterates, AreThePublishedOnes) {
  const auto& [name, rule, expected, rtol, expected_bias] = GetParam();
  EXPECT_TRUE(close(iterates<double>(rule).weight, expected, rtol));
  EXPECT_TRUE(close(iterates<float>(rule).weight, expected, 5e-7));
  EXPECT_TRUE(close(iterates<double>(rule).bias, expected_bias, rtol));
  EXPECT_TRUE(close(iterates<float>(rule).bias, expected_bias, 5e-7));
}

std::string rule_name(const ::testing::TestParamInfo<RuleCase>& info) { return info.param.name; }

const std::vector<RuleCase> kRuleCases = {
    {"GradientDescent", {"sgd", 0.0, false}, {0.9, 0.81, 0.729}, 1e-15},
    {"Momentum", {"sgd", 0.9, false}, {0.9, 0.72, 0.486}, 1e-15},
    {"Nesterov", {"sgd", 0.9, true}, {0.81, 0.5751, 0.327321}, 1e-15},
    {"Adam",
     {.name = "adam", .beta_1 = 0.9, .beta_2 = 0.999, .epsilon = 1e-8},
     {0.90000003, 0.80041228, 0.70158635},
     1e-8},
    {"RMSprop",
     {.name = "rmsprop", .beta_1 = 0.5, .beta_2 = 0.9, .epsilon = 1e-3},
     {0.6847690816739788, 0.5001890664637875, 0.3706045288501696},
     1e-14},
    {"AdamW",
     {.name = "adamw", .beta_1 = 0.9, .beta_2 = 0.999, .epsilon = 1e-3, .weight_decay = 0.5},
     {0.8500999000999, 0.7084494102653157, 0.5752759191044624},
     1e-13,
     {0.9000999000999, 0.8006161230635073, 0.7018976070545546}},
    {"AdaGrad",
     {.name = "adagrad", .epsilon = 1e-3},
     {0.9000999000999, 0.8332490121537544, 0.7806301612860224},
     1e-13},
    {"Adadelta",
     {.name = "adadelta", .beta_2 = 0.9, .epsilon = 1e-3},
     {0.9900496280979001, 0.9798908698219047, 0.969623357050962},
     1e-14},
    {"AMSGrad",
     {.name = "amsgrad", .beta_2 = 0.5, .epsilon = 1e-3},
     {0.9000999000999, 0.7988350465621106, 0.6957952387463862},
     1e-13},
    {"Nadam",
     {.name = "nadam", .beta_2 = 0.99, .epsilon = 1e-3},
     {0.8944603618026584, 0.820133956041565, 0.752918039189537},
     1e-13},
    {"Lion",
     {.name = "lion", .beta_2 = 0.99, .weight_decay = 0.5},
     {0.85, 0.7075, 0.572125},
     1e-15,
     {0.9, 0.8, 0.7}},
    {"Rprop", {.name = "rprop"}, {0.9, 0.78, 0.636}, 1e-15},
    {"Descent", {.name = "gd"}, {0.9, 0.81, 0.729}, 1e-15},
};

INSTANTIATE_TEST_SUITE_P(Rules, UpdateRuleIterates, ::testing::ValuesIn(kRuleCases), rule_name);

TEST(UpdateRule, EveryRowOfTheTableHasItsIteratesTested) {
  for (const std::string_view rule : update_rule_names()) {
    const auto has_it = [&](const RuleCase& one) { return one.rule.name == rule; };
    EXPECT_TRUE(std::ranges::any_of(kRuleCases, has_it)) << rule;
  }
}

/// The decay is a share of the weight, whatever the gradient: 0 moves nothing else.
TEST(UpdateRule, WeightDecayTakesItsShareOfEveryCoef) {
  const auto spec = test::network({200, 200, 1}, "relu", "squared_error");  // several pieces
  auto state =
      start_optimiser<double>({.name = "adamw", .weight_decay = 0.25}, spec.n_parameters());
  const auto before = test::random_numbers(spec.n_parameters(), 1);
  auto w = before;
  std::vector<double> gradient(w.size());
  take_step<double>(state, spec, w, gradient, 0.0, 8.0, 0.1);
  std::vector<double> expected;
  for (std::size_t i = 0; i < w.size(); ++i) {
    expected.push_back(before[i] * (i < spec.n_coefs() ? 0.975 : 1.0));
  }
  EXPECT_TRUE(close(w, expected, 1e-15));
}

/// Weight decay is for these alone.
TEST(UpdateRule, NoOtherRuleDecays) {
  for (const std::string_view name : update_rule_names()) {
    if (name == "adamw" || name == "lion") continue;
    UpdateRule rule{.name = std::string(name), .weight_decay = 0.0};
    const auto expected = iterates<double>(rule).weight;
    rule.weight_decay = 0.5;
    EXPECT_EQ(iterates<double>(rule).weight, expected) << name;
  }
}

/// The penalty alpha is part of adamw's gradient, as of the others': it is no weight decay.
TEST(UpdateRule, AlphaIsStillPenalisedByAdamW) {
  auto state = start_optimiser<double>({.name = "adamw", .weight_decay = 0.5}, 2);
  std::vector<double> w{2, 2}, gradient{0, 0};
  take_step<double>(state, kTwoParameters, w, gradient, 0.3, 1.0, 0.1);
  EXPECT_TRUE(close(w, std::vector<double>{2 - 0.1 - 0.1 * 0.5 * 2, 2}, 1e-7));
}

/// The first Adam step by the formula: m = (1 - b1) g, v = (1 - b2) g^2, bias-corrected rate.
TEST(UpdateRule, AdamsFirstStepByHand) {
  auto state = start_optimiser<double>({.epsilon = 1e-3}, 2);
  std::vector<double> x{1, -2}, gradient{0.3, -0.7};
  take_step<double>(state, kTwoParameters, x, gradient, 0.0, 1.0, 0.05);
  const double rate = 0.05 * std::sqrt(1 - 0.999) / (1 - 0.9);
  const auto step = [rate](double g) { return rate * 0.1 * g / (std::sqrt(0.001 * g * g) + 1e-3); };
  EXPECT_TRUE(close(x, std::vector<double>{1 - step(0.3), -2 - step(-0.7)}, 1e-14));
}

/// The gradient proper is (sum + alpha w) / batch weight, and biases bear no penalty.
TEST(UpdateRule, PenaltyAndBatchWeight) {
  const auto spec = test::network({2, 2, 1}, "relu", "squared_error");
  auto state = start_optimiser<double>({"sgd", 0.0, false}, spec.n_parameters());
  const auto before = test::random_numbers(spec.n_parameters(), 1);
  const auto sums = test::random_numbers(spec.n_parameters(), 2);
  auto w = before, gradient = sums;
  const double squares = take_step<double>(state, spec, w, gradient, 0.7, 8.0, 0.1);
  std::vector<double> expected;
  double expected_squares = 0.0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    const bool coef = i < spec.n_coefs();
    expected.push_back(before[i] - 0.1 * (sums[i] + (coef ? 0.7 * before[i] : 0.0)) / 8.0);
    if (coef) expected_squares += before[i] * before[i];
  }
  EXPECT_TRUE(close(w, expected, 1e-15));
  EXPECT_TRUE(close(squares, expected_squares, 1e-15));
}

TEST(UpdateRule, AFreshStateIsZeroAndAsLongAsItsRuleNeeds) {
  EXPECT_EQ(start_optimiser<double>({"sgd"}, 3).moments, std::vector<double>(3));
  EXPECT_EQ(start_optimiser<double>({"adam"}, 3).moments, std::vector<double>(6));
  EXPECT_EQ(start_optimiser<double>({"rmsprop"}, 3).moments, std::vector<double>(3));
  EXPECT_EQ(start_optimiser<double>({"adamw"}, 3).moments, std::vector<double>(6));
  EXPECT_EQ(start_optimiser<double>({"amsgrad"}, 3).moments, std::vector<double>(9));
  EXPECT_TRUE(start_optimiser<double>({"gd"}, 3).moments.empty());
  EXPECT_EQ(start_optimiser<double>({"adam"}, 3).n_steps, 0);
}

TEST(UpdateRule, DescentAloneTakesAllSamples) {
  for (const std::string_view name : update_rule_names()) {
    EXPECT_EQ(takes_all_samples(name), name == "gd");
  }
  EXPECT_FALSE(takes_all_samples("lbfgs"));
}

/// Steps are halved where the gradient turns, which then counts as 0 once.
TEST(UpdateRule, RpropTurns) {
  auto state = start_optimiser<double>({.name = "rprop"}, 2);
  std::vector<double> x{0, 0};
  std::vector<double> moved;
  for (const double g : {1.0, 1.0, -1.0, -1.0, -1.0}) {
    std::vector<double> gradient{g, 0.0};
    const double before = x[0];
    take_step<double>(state, kTwoParameters, x, gradient, 0.0, 1.0, 0.1);
    moved.push_back(x[0] - before);
  }
  EXPECT_TRUE(close(moved, std::vector<double>{-0.1, -0.12, 0.0, 0.06, 0.072}, 1e-14));
  EXPECT_EQ(x[1], 0.0);
}

TEST(UpdateRule, RpropStaysWhereItsRateIsZero) {
  auto state = start_optimiser<double>({.name = "rprop"}, 2);
  std::vector<double> x{1, 1};
  for (const double g : {1.0, -1.0, 1.0, 1.0}) {
    std::vector<double> gradient{g, g};
    take_step<double>(state, kTwoParameters, x, gradient, 0.0, 1.0, 0.0);
  }
  EXPECT_EQ(x, (std::vector<double>{1, 1}));
}

/// No step is larger than 50, and none smaller than 1e-6.
TEST(UpdateRule, RpropsStepsHaveBounds) {
  auto state = start_optimiser<double>({.name = "rprop"}, 2);
  std::vector<double> x{0, 0};
  for (int step = 0; step < 80; ++step) {
    std::vector<double> gradient{1.0, step % 3 == 2 ? -1.0 : 1.0};
    take_step<double>(state, kTwoParameters, x, gradient, 0.0, 1.0, 0.1);
  }
  EXPECT_EQ(state.moments[2], 50.0);
  EXPECT_GE(state.moments[3], 1e-6);
  EXPECT_LT(state.moments[3], 2e-6);
}

TEST(UpdateRule, AnUnknownRuleIsRefused) {
  EXPECT_THROW_WITH(start_optimiser<double>({"sophia"}, 3), std::invalid_argument,
                    "There is no update rule 'sophia'");
}

}  // namespace
}  // namespace skarma
