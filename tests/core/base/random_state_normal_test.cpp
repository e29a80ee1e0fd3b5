#include <gtest/gtest.h>

#include <skarma/core/base/random_state.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/digest.hpp>
#include <skarma/tests/support/golden.hpp>

namespace skarma {
namespace {

std::vector<double> normals(RandomState& random, std::size_t n) {
  std::vector<double> draws;
  for (std::size_t i = 0; i < n; ++i) draws.push_back(random.gauss());
  return draws;
}

TEST(RandomStateGauss, DrawsNumPysNormalsBitForBit) {
  for (const test::Json& seed : test::golden("normal").at("seeds")) {
    RandomState random(seed.at("seed").get<std::uint32_t>());
    EXPECT_TRUE(test::same_bits(normals(random, 25), test::numbers(seed.at("standard_normal"))));
    EXPECT_EQ(random.random(), test::number(seed.at("then_random")));
  }
}

TEST(RandomStateGauss, AgreesWithNumPyOverMany) {
  for (const test::Json& seed : test::golden("normal").at("seeds")) {
    RandomState random(seed.at("seed").get<std::uint32_t>());
    EXPECT_EQ(test::digest(normals(random, 100000)), seed.at("fnv64_of_100000"));
  }
}

TEST(RandomStateGauss, KeepsTheSecondOfAPairAcrossOtherDraws) {
  for (const test::Json& seed : test::golden("normal").at("seeds")) {
    RandomState random(seed.at("seed").get<std::uint32_t>());
    const std::vector<double> mixed = {random.gauss(), random.random(), random.gauss(),
                                       3.0 + 0.1 * random.gauss()};
    EXPECT_TRUE(test::same_bits(mixed, test::numbers(seed.at("normal_uniform_normal_normal3"))));
  }
}

TEST(RandomStateGauss, GoesOnFromASavedState) {
  RandomState random(7);
  random.gauss();
  ASSERT_TRUE(random.state().has_gauss);
  RandomState copy(random.state());
  EXPECT_EQ(copy.gauss(), random.gauss());
  EXPECT_EQ(copy.gauss(), random.gauss());
  EXPECT_EQ(copy.state(), random.state());
}

}  // namespace
}  // namespace skarma
