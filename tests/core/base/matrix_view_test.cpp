#include <skarma/core/base/matrix_view.hpp>

#include <vector>

#include <gtest/gtest.h>

namespace skarma {
namespace {

TEST(MatrixView, RowsLieAStrideApart) {
  std::vector<int> memory(12);
  for (int i = 0; i < 12; ++i) memory[static_cast<std::size_t>(i)] = i;
  const MatrixView<int> view(memory.data(), 3, 2, 4);
  EXPECT_EQ(view(0, 1), 1);
  EXPECT_EQ(view(2, 1), 9);
  EXPECT_EQ(std::vector<int>(view.row(1).begin(), view.row(1).end()), (std::vector<int>{4, 5}));
  EXPECT_FALSE(view.is_contiguous());
  view(1, 0) = -1;
  EXPECT_EQ(memory[4], -1);
}

TEST(MatrixView, WithoutAStrideRowsTouch) {
  std::vector<double> memory{1, 2, 3, 4, 5, 6};
  const MatrixView<double> view(memory.data(), 2, 3);
  EXPECT_TRUE(view.is_contiguous());
  EXPECT_EQ(view(1, 0), 4);
}

TEST(MatrixView, MutableBecomesConstButNotBack) {
  std::vector<float> memory(4, 2.0F);
  const MatrixView<const float> view = MatrixView<float>(memory.data(), 1, 2, 4);
  EXPECT_EQ(view.row_stride(), 4u);
  EXPECT_EQ(view(0, 1), 2.0F);
  static_assert(!std::is_convertible_v<MatrixView<const float>, MatrixView<float>>);
  static_assert(!std::is_convertible_v<MatrixView<float>, MatrixView<const double>>);
}

TEST(MatrixView, DefaultIsEmpty) {
  EXPECT_EQ(MatrixView<double>().rows(), 0u);
  EXPECT_EQ(MatrixView<double>().cols(), 0u);
}

}  // namespace
}  // namespace skarma
