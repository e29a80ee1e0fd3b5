#include <skarma/core/cpu/input/column_block.hpp>

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

#include <skarma/core/kernels/kernel_table.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

/// Of 100 columns in groups of four, `groups` are full.
Matrix<double> full_groups(std::size_t groups) {
  Matrix<double> x(40, 100);
  for (std::size_t i = 0; i < x.rows(); ++i) {
    std::fill_n(x.row(i).begin() + static_cast<std::ptrdiff_t>(4 * (i % 10)), 4 * groups, 1.0);
  }
  return x;
}

TEST(ColumnBlock, DenseSamplesStayDense) {
  EXPECT_EQ(column_block<double>(test::random_matrix(50, 30, 1), 20), 0u);
  EXPECT_EQ(column_block<double>(test::sparse_matrix(500, 40, 0.3, 1).dense, 20), 0u);
}

TEST(ColumnBlock, SparseSamplesNeverBecomeDense) {
  const auto scattered = test::sparse_matrix(500, 40, 0.5, 1);
  EXPECT_EQ(column_block<double>(test::sparse_matrix(500, 40, 0.1, 1).view(), 1), 1u);
  EXPECT_EQ(column_block<double>(scattered.view(), 1), kernels::kColumnBlock);
}

TEST(ColumnBlock, ScatteredEntriesGoAloneAndRunsInBlocks) {
  EXPECT_EQ(column_block<double>(test::sparse_matrix(500, 40, 0.1, 1).dense, 20), 1u);
  EXPECT_EQ(column_block<float>(test::sparse_matrix<float>(500, 40, 0.1, 1).dense, 20), 1u);
  EXPECT_EQ(column_block<double>(full_groups(5), 20), kernels::kColumnBlock);
  EXPECT_EQ(column_block<double>(full_groups(9), 20), kernels::kColumnBlock);
  EXPECT_EQ(column_block<double>(full_groups(10), 20), 0u);
}

TEST(ColumnBlock, OnlyWhatANetworkSeesCounts) {
  const auto x = test::sparse_matrix(500, 40, 0.1, 1);
  EXPECT_EQ(column_block<float>(x.dense, 20), 0u) << "of another type";
  EXPECT_EQ(column_block<float>(x.view(), 20), 0u) << "of another type, in compressed rows";
  const auto scaled =
      std::make_shared<ColumnTransform>(ColumnTransform{ColumnTransform::Kind::standardise,
                                                        std::vector<double>(40, 0.5),
                                                        std::vector<double>(40, 2),
                                                        {}});
  EXPECT_EQ(column_block<double>(SampleView(x.dense).transformed(scaled), 20), 0u);
  EXPECT_EQ(column_block<double>(x.dense, 1), 0u) << "a single unit";
  EXPECT_EQ(column_block<double>(x.dense, 30000), 0u) << "BLAS's";
  const std::vector<RowIndex> none;
  EXPECT_EQ(column_block<double>(SampleView(x.dense).rows(none), 20), 0u);
}

}  // namespace
}  // namespace skarma
