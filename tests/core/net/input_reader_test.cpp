#include <skarma/core/net/input_reader.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

using Rows = std::vector<RowIndex>;

/// The numbers that a network would see in columns.
template <class T>
std::vector<T> seen(const kernels::SparseColumns<T>& x) {
  std::vector<T> dense(x.n_rows * x.n_columns);
  for (std::size_t b = 0; b * x.width < x.n_columns; ++b) {
    for (auto k = static_cast<std::size_t>(x.begins[b]); k < static_cast<std::size_t>(x.ends[b]);
         ++k) {
      for (std::size_t c = 0; c < std::min(x.width, x.n_columns - b * x.width); ++c) {
        dense[static_cast<std::size_t>(x.rows[k]) * x.n_columns + b * x.width + c] +=
            x.values[k * x.width + c];
      }
    }
  }
  return dense;
}

/// The numbers that a network would see.
template <class T>
std::vector<T> seen(const Inputs<T>& inputs, std::size_t rows, std::size_t cols) {
  if (!inputs.is_sparse()) return {inputs.dense, inputs.dense + rows * cols};
  if (!inputs.has_rows()) return seen(inputs.columns);
  const auto& x = inputs.rows;
  EXPECT_EQ(x.rows, rows);
  std::vector<T> dense(rows * cols);
  for (std::size_t i = 0; i < rows; ++i) {
    for (auto k = x.begins[i]; k < x.ends[i]; ++k) {
      dense[i * cols + static_cast<std::size_t>(x.columns[k])] += x.values[k];
    }
  }
  return dense;
}

TEST(InputReader, TakesContiguousSamplesWhereTheyLie) {
  const auto x = test::random_matrix(5, 3, 1);
  EXPECT_EQ(InputReader<double>(x).range(2, 2).dense, x.row(2).data());
}

TEST(InputReader, GathersWhatLiesOtherwise) {
  const auto x = test::random_matrix(5, 2, 1);
  const Rows order{4, 0, 3};
  InputReader<double> reader(SampleView(x).rows(order));
  EXPECT_EQ(seen(reader.range(1, 2), 2, 2),
            (std::vector<double>{x(0, 0), x(0, 1), x(3, 0), x(3, 1)}));
  const Rows positions{0};
  EXPECT_EQ(seen(reader.at(positions), 1, 2), (std::vector<double>{x(4, 0), x(4, 1)}));
  // The room was used for something else in between.
  EXPECT_EQ(seen(reader.range(1, 2), 2, 2),
            (std::vector<double>{x(0, 0), x(0, 1), x(3, 0), x(3, 1)}));
}

TEST(InputReader, SparseSamplesStaySparse) {
  const auto x = test::sparse_matrix(6, 4, 0.5, 1);
  const SampleView view(x.view());
  InputReader<double> reader(view);
  const Rows positions{5, 1, 5};
  const Inputs<double> batch = reader.at(positions);
  ASSERT_TRUE(batch.is_sparse());
  std::vector<double> expected(12);
  SampleView(x.dense).gather(positions, expected.data());
  EXPECT_EQ(seen(batch, 3, 4), expected);

  InputReader<double> chosen(view.rows(positions));
  const Inputs<double> range = chosen.range(0, 3);
  ASSERT_TRUE(range.is_sparse());
  EXPECT_EQ(seen(range, 3, 4), expected);
}

TEST(InputReader, DenseSamplesAreCompressedABatchAtATime) {
  const auto x = test::sparse_matrix(30, 70, 0.2, 1);
  const Rows order{4, 0, 3, 29}, positions{1, 3, 1};
  const SampleView chosen = SampleView(x.dense).rows(order);
  std::vector<double> expected(3 * 70);
  chosen.gather(positions, expected.data());
  for (const std::size_t width : {std::size_t{1}, kernels::kColumnBlock}) {
    InputReader<double> reader(chosen, ThreadTeam::alone(), width);
    for (int twice = 0; twice < 2; ++twice) {
      const Inputs<double> batch = reader.at(positions);
      ASSERT_TRUE(batch.has_columns());
      EXPECT_EQ(batch.columns.width, width);
      EXPECT_EQ(seen(batch.columns), expected);
      EXPECT_EQ(seen(batch, 3, 70), expected);
    }
    EXPECT_FALSE(reader.range(0, 4).is_sparse());
  }
}

TEST(InputReader, SparseSamplesGoIntoColumns) {
  const auto x = test::sparse_matrix(30, 70, 0.2, 1);
  const Rows positions{1, 29, 1};
  std::vector<double> expected(3 * 70);
  SampleView(x.dense).gather(positions, expected.data());
  for (const std::size_t width : {std::size_t{1}, kernels::kColumnBlock}) {
    InputReader<double> reader(SampleView(x.view()), ThreadTeam::alone(), width);
    const Inputs<double> batch = reader.at(positions);
    EXPECT_EQ(batch.columns.width, width);
    EXPECT_EQ(seen(batch.columns), expected);
    EXPECT_EQ(seen(batch, 3, 70), expected);
  }
}

TEST(InputReader, SparseSamplesOfAnotherTypeAreMadeDense) {
  const auto x = test::sparse_matrix<float>(6, 4, 0.5, 1);
  InputReader<double> reader{SampleView(x.view())};
  const Inputs<double> all = reader.range(0, 6);
  EXPECT_FALSE(all.is_sparse());
  EXPECT_EQ(seen(all, 6, 4), std::vector<double>(x.dense.values().begin(), x.dense.values().end()));
}

}  // namespace
}  // namespace skarma
