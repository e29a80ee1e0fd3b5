#include <skarma/core/train/loss_curve.hpp>

#include <gtest/gtest.h>

namespace skarma {
namespace {

TEST(LossCurve, KeepsEveryLossInItsPlace) {
  LossCurve curve;
  std::vector<double> expected;
  for (int n = 0; n < 300; ++n) {
    EXPECT_EQ(curve.values(), expected);
    EXPECT_EQ(curve.size(), expected.size());
    curve.push_back(0.5 * n);
    expected.push_back(0.5 * n);
  }
}

TEST(LossCurve, GivesItsEnd) {
  LossCurve curve(std::vector<double>{0.0, 1.0, 2.0});
  for (int n = 3; n < 11; ++n) curve.push_back(n);
  for (std::size_t first = 0; first <= 12; ++first) {
    std::vector<double> expected;
    for (std::size_t n = first; n < 11; ++n) expected.push_back(static_cast<double>(n));
    EXPECT_EQ(curve.from(first), expected) << first;
  }
}

TEST(LossCurve, CopiesGoOnByThemselves) {
  LossCurve curve(std::vector<double>{1.0});
  LossCurve copy = curve;
  curve.push_back(2.0);
  copy.push_back(3.0);
  EXPECT_EQ(curve.values(), (std::vector<double>{1.0, 2.0}));
  EXPECT_EQ(copy.values(), (std::vector<double>{1.0, 3.0}));
}

}  // namespace
}  // namespace skarma
