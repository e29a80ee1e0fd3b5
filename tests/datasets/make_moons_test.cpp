#include <skarma/datasets/make_moons.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

MoonsOptions options_of(const test::Json& json) {
  return {.n_samples = json.at("n_samples").get<std::size_t>(),
          .shuffle = json.at("shuffle").get<bool>(),
          .noise = json.at("noise").is_null() ? 0.0 : json.at("noise").get<double>(),
          .random_state = json.at("random_state").get<std::uint32_t>()};
}

TEST(MakeMoons, EqualsScikitLearn) {
  for (const test::Json& expected : test::golden("normal").at("moons")) {
    const Dataset data = make_moons(options_of(expected.at("options")));
    EXPECT_EQ(std::get<std::vector<int>>(data.y), test::ints(expected.at("y")));
    const auto points = test::matrix(expected.at("X"));
    ASSERT_EQ(data.x.rows(), points.rows());
    for (std::size_t i = 0; i < points.rows(); ++i) {
      EXPECT_NEAR(data.x(i, 0), points(i, 0), 1e-15);
      EXPECT_NEAR(data.x(i, 1), points(i, 1), 1e-15);
    }
  }
}

TEST(MakeMoons, SameSeedSamePoints) {
  const MoonsOptions options{.noise = 0.2, .random_state = 5};
  EXPECT_EQ(make_moons(options).x, make_moons(options).x);
  EXPECT_FALSE(make_moons({.noise = 0.2}).x == make_moons({.noise = 0.2}).x);
}

TEST(MakeMoons, RefusesNegativeNoise) {
  EXPECT_THROW_WITH(make_moons({.noise = -0.1}), std::invalid_argument, "got -0.1");
}

}  // namespace
}  // namespace skarma
