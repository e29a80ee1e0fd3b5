// tests/gpu/read_description_test.cpp reads what is described here.
#include <skarma/core/engine/samples_description.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

TEST(SamplesDescription, PointsToDenseRowsWhereTheyLie) {
  const auto x = test::random_matrix<float>(7, 5, 1);
  const SamplesDescription described(MatrixView<const float>(x.data(), 7, 4, 5));
  const skarma_samples& samples = described.samples();
  EXPECT_EQ(samples.storage, SKARMA_DENSE_ROWS);
  EXPECT_EQ(samples.type, SKARMA_FLOAT32);
  EXPECT_EQ(samples.values, x.data());
  EXPECT_EQ(samples.row_stride, 5u);
  EXPECT_EQ(samples.n_samples, 7u);
  EXPECT_EQ(samples.n_stored_rows, 7u);
  EXPECT_EQ(samples.n_features, 4u);
  EXPECT_EQ(samples.chosen, 0);
  EXPECT_EQ(samples.n_transforms, 0u);
}

TEST(SamplesDescription, PointsToSparseRowsChosenOnesAndMaps) {
  const auto x = test::sparse_matrix(7, 2, 0.5, 1);
  const std::vector<RowIndex> rows = {6, 0, 6};
  const auto scaler = std::make_shared<const ColumnTransform>(
      ColumnTransform{ColumnTransform::Kind::rescale, {1.0, 2.0}, {3.0, 4.0}, {{-1.0, 5.0}}});
  const SamplesDescription described(SampleView(x.view()).rows(rows).transformed(scaler));
  const skarma_samples& samples = described.samples();
  EXPECT_EQ(samples.storage, SKARMA_SPARSE_ROWS);
  EXPECT_EQ(samples.type, SKARMA_FLOAT64);
  EXPECT_EQ(samples.values, x.values.data());
  EXPECT_EQ(samples.columns, x.columns.data());
  EXPECT_EQ(samples.row_starts, x.row_starts.data());
  EXPECT_EQ(samples.chosen, 1);
  EXPECT_EQ(samples.rows, rows.data());
  EXPECT_EQ(samples.n_samples, 3u);
  EXPECT_EQ(samples.n_stored_rows, 7u);
  ASSERT_EQ(samples.n_transforms, 1u);
  EXPECT_EQ(samples.transforms->kind, SKARMA_RESCALE);
  EXPECT_EQ(samples.transforms->scale, scaler->scale.data());
  EXPECT_EQ(samples.transforms->clips, 1);
  EXPECT_EQ(samples.transforms->low, -1.0);
  EXPECT_EQ(samples.transforms->high, 5.0);
}

}  // namespace
}  // namespace skarma
