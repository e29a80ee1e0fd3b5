#include <skarma/core/base/arma_interop.hpp>

#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/matrix.hpp>

namespace skarma {
namespace {

TEST(ArmaInterop, SamplesInColumnsBecomeRowsWithoutACopy) {
  const arma::mat x = {{1, 2, 3}, {4, 5, 6}};  // 2 features, 3 samples
  const auto view = samples_in_columns(x);
  EXPECT_EQ(view.rows(), 3u);
  EXPECT_EQ(view.cols(), 2u);
  EXPECT_EQ(view.data(), x.memptr());
  EXPECT_EQ(view(2, 1), x(1, 2));
}

TEST(ArmaInterop, ThereAndBackIsTheSameMemory) {
  const Matrix<float> m(2, 3, {1, 2, 3, 4, 5, 6});
  const arma::fmat x = as_arma(m.view());
  EXPECT_EQ(x.n_rows, 3u);
  EXPECT_EQ(x.n_cols, 2u);
  EXPECT_EQ(x(2, 1), m(1, 2));
  EXPECT_EQ(as_arma(m.view()).memptr(), m.data());
}

TEST(ArmaInterop, RowsWithGapsAreRefused) {
  const std::vector<double> memory(8);
  EXPECT_THROW(as_arma(MatrixView<const double>(memory.data(), 2, 3, 4)), std::invalid_argument);
}

}  // namespace
}  // namespace skarma
