// tests/python/test_augmentations.py holds this to scipy.ndimage; here what needs no figures.
#include <skarma/core/augment/resample.hpp>

#include <vector>

#include <gtest/gtest.h>

namespace skarma {
namespace {

/// A row of three pixels, of which number `first` and the following ones are seen.
std::vector<double> seen(double first, FillMode mode) {
  const std::vector<double> row{1.0, 2.0, 4.0};
  std::vector<double> to(3);
  resample(row.data(), to.data(), {1, 3, 1}, {.column = first}, {mode, 8.0});
  return to;
}

TEST(Resample, SeesWhatTheModeSaysOutside) {
  using Row = std::vector<double>;
  EXPECT_EQ(seen(0, FillMode::constant), (Row{1, 2, 4}));
  EXPECT_EQ(seen(-2, FillMode::constant), (Row{8, 8, 1}));
  EXPECT_EQ(seen(2, FillMode::nearest), (Row{4, 4, 4}));
  EXPECT_EQ(seen(-2, FillMode::reflect), (Row{2, 1, 1}));
  EXPECT_EQ(seen(2, FillMode::reflect), (Row{4, 4, 2}));
  EXPECT_EQ(seen(-7, FillMode::reflect), seen(-1, FillMode::reflect));  // it repeats after 6
  EXPECT_EQ(seen(-1, FillMode::wrap), (Row{4, 1, 2}));
  EXPECT_EQ(seen(8, FillMode::wrap), (Row{4, 1, 2}));
}

TEST(Resample, IsBilinearBetweenPixels) {
  EXPECT_EQ(seen(0.25, FillMode::constant), (std::vector<double>{1.25, 2.5, 5.0}));
  const std::vector<float> square{0.0f, 1.0f, 2.0f, 7.0f};
  std::vector<float> to(4);
  resample(square.data(), to.data(), {2, 2, 1}, {.row = 0.5, .column = 0.5},
           {FillMode::nearest, 0.0});
  EXPECT_EQ(to, (std::vector<float>{2.5f, 4.0f, 4.5f, 7.0f}));
}

TEST(Resample, KeepsChannelsTogether) {
  const std::vector<double> image{1, 10, 2, 20, 3, 30, 4, 40};  // 2 x 2 pixels of two channels
  std::vector<double> to(8);
  resample(image.data(), to.data(), {2, 2, 2}, {.row_by_i = -1.0, .row = 1.0},
           {FillMode::nearest, 0.0});
  EXPECT_EQ(to, (std::vector<double>{3, 30, 4, 40, 1, 10, 2, 20}));
}

}  // namespace
}  // namespace skarma
