#include <skarma/estimators/mlp/internal/untrained_members.hpp>

#include <gtest/gtest.h>

#include <skarma/estimators/mlp/mlp_regressor.hpp>

namespace skarma {
namespace {

/// numpy.random.RandomState(0).randint(2**31 - 1), three times.
TEST(UntrainedMembers, HaveTheSeedsThatNumPyDraws) {
  MLPRegressorParams params{.random_state = 0, .l1 = 0.5, .n_members = 3};
  const auto members = untrained_members<MLPRegressor>(params);
  ASSERT_EQ(members.size(), 3U);
  const std::int64_t expected[] = {209652396, 398764591, 924231285};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(members[i].params().random_state.seed(), expected[i]);
    EXPECT_EQ(members[i].params().n_members, 1);
    EXPECT_EQ(members[i].params().l1, 0.5);
  }
}

}  // namespace
}  // namespace skarma
