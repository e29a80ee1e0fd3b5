#include <skarma/cli/input/samples.hpp>

#include <gtest/gtest.h>

namespace skarma::cli {
namespace {

Samples example(Target y, Task task) {
  return {.name = "few",
          .x = Matrix<double>(3, 1, {0.1, 0.2, 0.3}),
          .feature_names = {"a"},
          .y = std::move(y),
          .weights = {1, 2, 3},
          .task = task};
}

TEST(Samples, AreDescribedInALine) {
  EXPECT_EQ(description(example(Target(std::vector{0, 1, 0}), Task::classification)),
            "few: 3 samples, 1 feature, 2 classes");
  EXPECT_EQ(description(example(Target(std::vector{0.5, 1.0, 2.0}), Task::regression)),
            "few: 3 samples, 1 feature, a number to predict");
  const Matrix<double> two(3, 2, {0, 1, 1, 0, 1, 1});
  EXPECT_EQ(description(example(Target::multilabel(two), Task::classification)),
            "few: 3 samples, 1 feature, 2 labels a sample");
  EXPECT_EQ(description(example(Target::numbers(two), Task::regression)),
            "few: 3 samples, 1 feature, 2 numbers to predict");
}

TEST(Samples, APartHasItsRowsTargetsAndWeights) {
  const Samples samples = example(Target(std::vector{5, 6, 7}), Task::classification);
  const std::vector<RowIndex> rows = {2, 0};
  const Part part = part_of(samples, rows);
  EXPECT_EQ(part.x.n_samples(), 2u);
  EXPECT_EQ(part.y.as_ints(), (std::vector{7, 5}));
  EXPECT_EQ(part.weights, (std::vector{3.0, 1.0}));
}

TEST(Samples, ViewsAreFloat32OnRequest) {
  Samples samples = example(Target(std::vector{0, 1, 0}), Task::classification);
  EXPECT_FALSE(samples.view().is_float32());
  samples.use_float32();
  EXPECT_TRUE(samples.view().is_float32());
  EXPECT_EQ((*samples.x32)(0, 0), 0.1f);
}

}  // namespace
}  // namespace skarma::cli
