// tests/conformance/scores_test.cpp has every kind on every device.
#include <skarma/core/engine/score_sums.hpp>

#include <cmath>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace skarma {
namespace {

std::vector<double> sums(ScoreKind kind, const Targets<double>& targets,
                         const Matrix<double>& outputs) {
  return score_sums({ModelId{}, DataId{}, &targets, kind}, outputs, 0.125);
}

TEST(ScoreSums, OfClasses) {
  const Matrix<double> outputs(3, 3, {0.5, 0.25, 0.25, 0.0, 0.0, 1.0, 0.4, 0.4, 0.2});
  const Targets<double> targets{{0, 1, -1}, {}, {2.0, 1.0, 8.0}, 3};
  EXPECT_EQ(sums(kRightRows, targets, outputs), std::vector{2.0});
  const Targets<double> learnt{{0, 1, 2}, {}, {2.0, 1.0, 0.0}, 3};
  const double clipped = -std::log(0.125);
  EXPECT_EQ(sums(kLogLosses, learnt, outputs), std::vector{2.0 * -std::log(0.5) + clipped});
}

TEST(ScoreSums, OfLabelsAndNumbers) {
  const Matrix<double> outputs(2, 2, {0.75, 0.5, 0.25, 0.5});
  const Targets<double> targets{{}, {1.0, 0.0, 0.0, 1.0}, {}, 2};
  EXPECT_EQ(sums(kRightRows, targets, outputs), std::vector{1.0});
  EXPECT_EQ(sums(kSquaredErrors, targets, outputs), (std::vector{0.125, 0.5}));
  EXPECT_EQ(sums(kAbsoluteErrors, targets, outputs), (std::vector{0.5, 1.0}));
  const double row = -std::log(0.75) - std::log(0.5);
  EXPECT_EQ(sums(kLogLosses, targets, outputs), std::vector{row + row});
}

TEST(ScoreSums, AreAsManyAsOutputsOrOne) {
  EXPECT_EQ(n_sums(kRightRows, 5), 1u);
  EXPECT_EQ(n_sums(kLogLosses, 5), 1u);
  EXPECT_EQ(n_sums(kSquaredErrors, 5), 5u);
  EXPECT_EQ(n_sums(kAbsoluteErrors, 5), 5u);
}

}  // namespace
}  // namespace skarma
