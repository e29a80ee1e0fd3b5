#include <skarma/model_selection/search/internal/group_sizes.hpp>

#include <limits>

#include <gtest/gtest.h>

namespace skarma {
namespace {

TEST(GroupSizes, AreWhatDevicesSay) {
  GroupSizes sizes(100);
  EXPECT_EQ(sizes.of("cuda:0"), 1u);
  EXPECT_EQ(sizes.largest(), 1u);
  sizes.set("cpu", 1);
  sizes.set("cuda:0", 7);
  EXPECT_EQ(sizes.of("cpu"), 1u);
  EXPECT_EQ(sizes.of("cuda:0"), 7u);
  EXPECT_EQ(sizes.largest(), 7u);
}

TEST(GroupSizes, AreNoMoreThanThereAreFits) {
  GroupSizes sizes(100);
  sizes.set("cuda:0", std::numeric_limits<std::size_t>::max());
  EXPECT_EQ(sizes.largest(), 100u);
}

TEST(GroupSizes, OnlyBecomeLess) {
  GroupSizes sizes(100);
  sizes.set("cuda:0", 7);
  sizes.limit("cuda:0", 3);
  EXPECT_EQ(sizes.of("cuda:0"), 3u);
  sizes.limit("cuda:0", 5);
  sizes.limit("cpu", 5);
  EXPECT_EQ(sizes.of("cuda:0"), 3u);
  EXPECT_EQ(sizes.of("cpu"), 1u);
}

}  // namespace
}  // namespace skarma
