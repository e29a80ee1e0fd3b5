#include <skarma/model_selection/search/internal/group_sizes.hpp>

#include <limits>

#include <gtest/gtest.h>

#include <skarma/tests/support/group_device.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(GroupSizes, AreWhatDevicesSay) {
  test::GroupDevice device;
  const MakeEngine make = test::in_place_of_reference(device);
  GroupSizes sizes(100);
  EXPECT_EQ(sizes.of("reference"), 1u);
  EXPECT_EQ(sizes.largest(), 1u);
  for (const char* name : {"cpu", "reference", "reference", "cpu"}) sizes.ask(name, make);
  EXPECT_EQ(sizes.of("cpu"), 1u);
  EXPECT_EQ(sizes.of("reference"), 7u);
  EXPECT_EQ(sizes.largest(), 7u);
  EXPECT_EQ(device.n_made, 1);
}

TEST(GroupSizes, AreNoMoreThanThereAreFits) {
  test::GroupDevice device;
  device.most_models = std::numeric_limits<std::size_t>::max();
  GroupSizes sizes(100);
  sizes.ask("reference", test::in_place_of_reference(device));
  EXPECT_EQ(sizes.largest(), 100u);
}

TEST(GroupSizes, OnlyBecomeLess) {
  test::GroupDevice device;
  GroupSizes sizes(100);
  sizes.ask("reference", test::in_place_of_reference(device));
  sizes.limit("reference", 3);
  EXPECT_EQ(sizes.of("reference"), 3u);
  sizes.limit("reference", 5);
  sizes.limit("cpu", 5);
  EXPECT_EQ(sizes.of("reference"), 3u);
  EXPECT_EQ(sizes.of("cpu"), 1u);
}

TEST(GroupSizes, LeaveNamesThatAreNoneToTheFits) {
  GroupSizes sizes(100);
  const auto make = [](std::string_view, int, SpareThreads*) -> std::unique_ptr<Engine> {
    throw DeviceError("There is no device.");
  };
  EXPECT_NO_THROW(sizes.ask("toaster", make));
  EXPECT_EQ(sizes.of("toaster"), 1u);
  EXPECT_THROW_WITH(sizes.ask("reference", make), DeviceError, "There is no device.");
}

}  // namespace
}  // namespace skarma
