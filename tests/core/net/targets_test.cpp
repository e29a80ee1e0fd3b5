#include <skarma/core/net/targets.hpp>

#include <gtest/gtest.h>

namespace skarma {
namespace {

TEST(Targets, ChosenRowsKeepTheirCodesValuesAndWeights) {
  const Targets<double> values{{}, {1, 2, 3, 4, 5, 6}, {0.1, 0.2, 0.3}, 2};
  const std::vector<RowIndex> rows{2, 0, 2};
  const auto chosen = values.at(rows);
  EXPECT_EQ(values.n_samples(), 3u);
  EXPECT_EQ(chosen.values, (std::vector<double>{5, 6, 1, 2, 5, 6}));
  EXPECT_EQ(chosen.weights, (std::vector<double>{0.3, 0.1, 0.3}));
  EXPECT_EQ(chosen.n_outputs, 2u);
  const Targets<float> codes{{7, 8, 9}, {}, {}, 10};
  EXPECT_EQ(codes.n_samples(), 3u);
  EXPECT_EQ(codes.at(rows).codes, (std::vector<std::int32_t>{9, 7, 9}));
  EXPECT_TRUE(codes.at(rows).weights.empty());
}

}  // namespace
}  // namespace skarma
