#include <skarma/model_selection/cv_results.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/special_values.hpp>

#include <cmath>
#include <stdexcept>

namespace skarma {
namespace {

using test::kNaN;

TEST(MeanAndStd, FewFoldsAreAddedFromLeftToRight) {
  // 0.1 + 0.2 + 0.3 from the left is 0.6000000000000001; from the right 0.6.
  EXPECT_EQ(mean_and_std({0.1, 0.2, 0.3}).mean, 0.6000000000000001 / 3);
  EXPECT_DOUBLE_EQ(mean_and_std({1.0, 3.0}).std, 1.0);  // population, not sample
}

TEST(MeanAndStd, FromEightFoldsOnNumpysEightRunningSumsAreUsed) {
  std::vector<double> ten(9, 0.1);
  ten.push_back(0.7);
  EXPECT_EQ(mean_and_std(ten).mean, 0.16);  // numpy.mean; from left to right: 0.15999999999999998
}

TEST(MeanAndStd, NanIsKept) {
  EXPECT_TRUE(std::isnan(mean_and_std({0.5, kNaN}).mean));
  EXPECT_TRUE(std::isnan(mean_and_std({0.5, kNaN}).std));
}

TEST(Ranks, EqualMeansShareTheLowestRank) {
  EXPECT_EQ(ranks_of({0.5, 0.9, 0.9, 0.1}), (std::vector<std::int32_t>{3, 1, 1, 4}));
}

TEST(Ranks, NanComesLastAndAllNanIsAllFirst) {
  EXPECT_EQ(ranks_of({kNaN, 0.2, kNaN, 0.3}), (std::vector<std::int32_t>{3, 2, 3, 1}));
  EXPECT_EQ(ranks_of({kNaN, kNaN}), (std::vector<std::int32_t>{1, 1}));
}

TEST(Ranks, AreOneMoreThanTheNumberOfLargerMeans) {
  EXPECT_EQ(ranks_of({0.5, 0.25, 0.5, 1.0, 0.0, 0.25}),
            (std::vector<std::int32_t>{2, 4, 2, 1, 6, 4}));
  EXPECT_TRUE(ranks_of({}).empty());
}

TEST(CvResults, ColumnsAreFoundByNameAndType) {
  const CvResults results{{},
                          {{"mean_test_score", std::vector<double>{0.5}},
                           {"rank_test_score", std::vector<std::int32_t>{1}}}};
  EXPECT_EQ(results.numbers("mean_test_score"), std::vector<double>{0.5});
  EXPECT_EQ(results.ranks("rank_test_score"), std::vector<std::int32_t>{1});
  EXPECT_FALSE(results.has("mean_train_score"));
  EXPECT_THROW(results.numbers("mean_train_score"), std::out_of_range);
  EXPECT_THROW(results.numbers("rank_test_score"), std::out_of_range);
}

}  // namespace
}  // namespace skarma
