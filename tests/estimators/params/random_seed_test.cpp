#include <skarma/estimators/params/random_seed.hpp>

#include <gtest/gtest.h>

namespace skarma {
namespace {

TEST(RandomSeed, AnIntIsAFreshGeneratorEachTime) {
  const RandomSeed seed(7);
  EXPECT_EQ(seed.generator()->next_u32(), RandomState(7).next_u32());
  EXPECT_EQ(seed.generator()->next_u32(), RandomState(7).next_u32());
  EXPECT_TRUE(seed.is_set());
  EXPECT_EQ(seed.as_value(), ParamValue(std::int64_t{7}));
}

TEST(RandomSeed, AnInstanceIsUsedInPlaceAndAdvanced) {
  const auto mine = std::make_shared<RandomState>(7);
  const RandomSeed seed(mine);
  EXPECT_EQ(seed.generator(), mine);
  seed.generator()->next_u32();
  RandomState once(7);
  once.next_u32();
  EXPECT_EQ(mine->state(), once.state());
}

TEST(RandomSeed, ACopyHasTheSameStateAndItsOwnLife) {
  const auto mine = std::make_shared<RandomState>(7);
  mine->next_u32();
  const auto copy = RandomSeed(mine).copy().generator();
  EXPECT_NE(copy, mine);
  EXPECT_EQ(copy->state(), mine->state());
  copy->next_u32();
  EXPECT_NE(copy->state(), mine->state());
}

TEST(RandomSeed, NothingIsAnotherStreamEachTime) {
  const RandomSeed seed;
  EXPECT_FALSE(seed.is_set());
  EXPECT_EQ(seed.as_value(), ParamValue());
  EXPECT_NE(seed.generator()->next_u64(), seed.generator()->next_u64());
}

TEST(RandomSeed, IsSharedWhereSomebodyElseHasTheGenerator) {
  EXPECT_FALSE(RandomSeed().is_shared());
  EXPECT_FALSE(RandomSeed(3).is_shared());
  auto mine = std::make_shared<RandomState>(7);
  const RandomSeed seed(mine);
  EXPECT_TRUE(seed.is_shared());
  EXPECT_FALSE(seed.copy().is_shared());
  mine.reset();
  EXPECT_FALSE(seed.is_shared());
}

TEST(RandomSeed, SeedsBeyond32BitsAreRefused) {
  EXPECT_THROW(RandomSeed(-1).generator(), std::invalid_argument);
  EXPECT_THROW(RandomSeed(4294967296).generator(), std::invalid_argument);
  EXPECT_NO_THROW(RandomSeed(4294967295).generator());
}

}  // namespace
}  // namespace skarma
