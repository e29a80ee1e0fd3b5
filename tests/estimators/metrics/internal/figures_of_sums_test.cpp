#include <skarma/estimators/metrics/internal/figures_of_sums.hpp>

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/matrix.hpp>

namespace skarma {
namespace {

TEST(FiguresOfSums, AreWeightedMeans) {
  const std::vector<double> weights{1.0, 0.0, 3.0}, sums{6.0, 10.0};
  EXPECT_EQ(sum_of_weights(3, weights), 4.0);
  EXPECT_EQ(sum_of_weights(3, {}), 3.0);
  EXPECT_EQ(means_of_sums(sums, 3, weights), (std::vector{1.5, 2.5}));
  EXPECT_EQ(means_of_sums(sums, 2, {}), (std::vector{3.0, 5.0}));
  EXPECT_EQ(plain_mean(sums), 8.0);
}

TEST(FiguresOfSums, R2IsAMeanOverTheOutputs) {
  const Matrix<double> truth(3, 2, {1, 5, 2, 5, 6, 5});
  const std::vector<double> weights{1.0, 1.0, 0.0};
  EXPECT_EQ(r2_of_sums(truth, std::vector{7.0, 0.0}, {}), (0.5 + 1.0) / 2);
  EXPECT_EQ(r2_of_sums(truth, std::vector{14.0, 1.0}, {}), 0.0);
  EXPECT_EQ(r2_of_sums(truth, std::vector{0.25, 0.0}, weights), (0.5 + 1.0) / 2);
  EXPECT_TRUE(std::isnan(r2_of_sums(Matrix<double>(1, 1), std::vector{0.0}, {})));
}

}  // namespace
}  // namespace skarma
