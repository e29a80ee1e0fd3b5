#include <skarma/core/base/nearest_name.hpp>

#include <array>

#include <gtest/gtest.h>

namespace skarma {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"alpha", "max_iter", "max_fun", "solver"};

TEST(NearestName, FindsOneMistakeOfEachKind) {
  EXPECT_EQ(nearest_name("alpa", kNames), "alpha");     // left out
  EXPECT_EQ(nearest_name("alphaa", kNames), "alpha");   // too much
  EXPECT_EQ(nearest_name("alpho", kNames), "alpha");    // replaced
  EXPECT_EQ(nearest_name("aplha", kNames), "alpha");    // swapped
  EXPECT_EQ(nearest_name("Solver", kNames), "solver");  // case
  EXPECT_EQ(nearest_name("max-iter", kNames), "max_iter");
}

TEST(NearestName, TheNearerOneWins) {
  EXPECT_EQ(nearest_name("max_itr", kNames), "max_iter");
  EXPECT_EQ(nearest_name("max_fn", kNames), "max_fun");
}

TEST(NearestName, NothingNearIsNothing) {
  EXPECT_EQ(nearest_name("hidden_layer_sizes", kNames), "");
  EXPECT_EQ(nearest_name("alpha", {}), "");
  constexpr std::array<std::string_view, 2> kShort = {"a", "id"};
  EXPECT_EQ(nearest_name("z", kShort), "") << "another letter";
  EXPECT_EQ(nearest_name("xy", kShort), "");
  EXPECT_EQ(nearest_name("", kShort), "");
  EXPECT_EQ(nearest_name("A", kShort), "a");
  EXPECT_EQ(nearest_name("di", kShort), "id");
}

TEST(NearestName, TheQuestion) {
  EXPECT_EQ(did_you_mean("alpa", kNames), " Did you mean 'alpha'?");
  EXPECT_EQ(did_you_mean("hidden_layer_sizes", kNames), "");
}

}  // namespace
}  // namespace skarma
