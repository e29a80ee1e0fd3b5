#include <skarma/core/cpu/input/input_reader.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

using Rows = std::vector<RowIndex>;
using Dense = kernels::DenseRows<double>;
using Sparse = kernels::SparseRows<double>;
using RowsAndColumns = SparseRowsAndColumns<double>;

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

/// The numbers that a network would see in sparse rows.
template <class T>
std::vector<T> seen(const kernels::SparseRows<T>& x, std::size_t cols) {
  std::vector<T> dense(x.rows * cols);
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (auto k = x.begins[i]; k < x.ends[i]; ++k) {
      dense[i * cols + static_cast<std::size_t>(x.columns[k])] += x.values[k];
    }
  }
  return dense;
}

/// The numbers that a network would see.
std::vector<double> seen(const Inputs<double>& inputs, std::size_t rows, std::size_t cols) {
  if (const auto* x = std::get_if<Dense>(&inputs)) {
    std::vector<double> all;
    for (std::size_t i = 0; i < rows; ++i) all.insert(all.end(), x->row(i), x->row(i) + cols);
    return all;
  }
  if (const auto* x = std::get_if<Sparse>(&inputs)) return seen(*x, cols);
  if (const auto* x = std::get_if<RowsAndColumns>(&inputs)) {
    EXPECT_EQ(seen(x->columns), seen(x->rows, cols));
    return seen(x->rows, cols);
  }
  return seen(std::get<kernels::SparseColumns<double>>(inputs));
}

/// The columns of a batch, which has its rows, too, if they are single.
kernels::SparseColumns<double> columns_of(const Inputs<double>& batch) {
  const auto* both = std::get_if<RowsAndColumns>(&batch);
  const auto columns = both ? both->columns : std::get<kernels::SparseColumns<double>>(batch);
  EXPECT_EQ(both != nullptr, columns.width == 1);
  return columns;
}

/// A network of five units on so many inputs, or of a single one, which reads no rows in place.
NetworkSpec network(std::size_t inputs, std::size_t units = 5) {
  return test::network({inputs, units, 1}, "relu", "squared_error");
}

TEST(InputReader, TakesContiguousSamplesWhereTheyLie) {
  const auto x = test::random_matrix(5, 3, 1);
  for (const std::size_t units : {1, 5}) {
    const NetworkSpec spec = network(3, units);
    const auto range = std::get<Dense>(InputReader<double>(x, spec).range(2, 2));
    EXPECT_EQ(range.row(1), x.row(3).data());
  }
}

/// A kernel may read on to the next row where there are gaps: those of somebody else's matrix end
/// with its last row.
TEST(InputReader, SomeColumnsOfAMatrixAreCopiedForASingleUnit) {
  const auto x = test::random_matrix(5, 4, 1);
  const MatrixView<const double> columns(x.data() + 1, 5, 3, 4);
  for (const std::size_t units : {1, 5}) {
    InputReader<double> reader(columns, network(3, units));
    const Inputs<double> range = reader.range(1, 2);
    EXPECT_EQ(std::get<Dense>(range).stride, units == 1 ? 3u : 4u);
    EXPECT_EQ(seen(range, 2, 3),
              (std::vector<double>{x(1, 1), x(1, 2), x(1, 3), x(2, 1), x(2, 2), x(2, 3)}));
  }
}

TEST(InputReader, ReadsChosenSamplesWhereTheyLie) {
  const auto x = test::random_matrix(5, 2, 1);
  const Rows order{4, 0, 3}, positions{2, 0};
  InputReader<double> reader(SampleView(x).rows(order), network(2));
  const auto range = std::get<Dense>(reader.range(1, 2));
  EXPECT_EQ(range.row(0), x.row(0).data());
  EXPECT_EQ(range.row(1), x.row(3).data());
  const auto batch = std::get<Dense>(reader.at(positions));
  EXPECT_EQ(batch.row(0), x.row(3).data());
  EXPECT_EQ(batch.row(1), x.row(4).data());
}

TEST(InputReader, GathersWhatCannotBeReadInPlace) {
  const auto x = test::random_matrix(5, 2, 1);
  const Rows order{4, 0, 3}, positions{0};
  const std::vector<double> expected{x(0, 0), x(0, 1), x(3, 0), x(3, 1)};
  const auto no_hidden_layer = test::network({2, 3}, "relu", "squared_error");
  for (const NetworkSpec& spec : {network(2, 1), no_hidden_layer}) {
    InputReader<double> reader(SampleView(x).rows(order), spec);
    EXPECT_EQ(std::get<Dense>(reader.range(1, 2)).starts, nullptr);
    EXPECT_EQ(seen(reader.range(1, 2), 2, 2), expected);
    EXPECT_EQ(seen(reader.at(positions), 1, 2), (std::vector<double>{x(4, 0), x(4, 1)}));
    // The room was used for something else in between.
    EXPECT_EQ(seen(reader.range(1, 2), 2, 2), expected);
  }
}

TEST(InputReader, SamplesOfAnotherTypeAreConverted) {
  const auto x = test::random_matrix<float>(5, 2, 1);
  const Rows positions{3};
  InputReader<double> reader(x, network(2));
  EXPECT_EQ(seen(reader.at(positions), 1, 2), (std::vector<double>{x(3, 0), x(3, 1)}));
}

TEST(InputReader, SparseSamplesStaySparse) {
  const auto x = test::sparse_matrix(6, 4, 0.5, 1);
  const SampleView view(x.view());
  InputReader<double> reader(view, network(4));
  const Rows positions{5, 1, 5};
  const Inputs<double> batch = reader.at(positions);
  EXPECT_TRUE(std::holds_alternative<Sparse>(batch));
  std::vector<double> expected(12);
  SampleView(x.dense).gather(positions, expected.data());
  EXPECT_EQ(seen(batch, 3, 4), expected);

  InputReader<double> chosen(view.rows(positions), network(4));
  const Inputs<double> range = chosen.range(0, 3);
  EXPECT_TRUE(std::holds_alternative<Sparse>(range));
  EXPECT_EQ(seen(range, 3, 4), expected);
}

TEST(InputReader, DenseSamplesAreCompressedABatchAtATime) {
  const auto x = test::sparse_matrix(30, 70, 0.2, 1);
  const Rows order{4, 0, 3, 29}, positions{1, 3, 1};
  const SampleView chosen = SampleView(x.dense).rows(order);
  std::vector<double> expected(3 * 70);
  chosen.gather(positions, expected.data());
  for (const std::size_t width : {std::size_t{1}, kernels::kColumnBlock}) {
    InputReader<double> reader(chosen, network(70), ThreadTeam::alone(), width);
    for (int twice = 0; twice < 2; ++twice) {
      const Inputs<double> batch = reader.at(positions);
      EXPECT_EQ(columns_of(batch).width, width);
      EXPECT_EQ(seen(columns_of(batch)), expected);
      EXPECT_EQ(seen(batch, 3, 70), expected);
    }
    EXPECT_TRUE(std::holds_alternative<Dense>(reader.range(0, 4)));
  }
}

TEST(InputReader, SparseSamplesGoIntoColumns) {
  const auto x = test::sparse_matrix(30, 70, 0.2, 1);
  const Rows positions{1, 29, 1};
  std::vector<double> expected(3 * 70);
  SampleView(x.dense).gather(positions, expected.data());
  for (const std::size_t width : {std::size_t{1}, kernels::kColumnBlock}) {
    InputReader<double> reader(SampleView(x.view()), network(70), ThreadTeam::alone(), width);
    const Inputs<double> batch = reader.at(positions);
    EXPECT_EQ(columns_of(batch).width, width);
    EXPECT_EQ(seen(columns_of(batch)), expected);
    EXPECT_EQ(seen(batch, 3, 70), expected);
  }
}

TEST(InputReader, SparseSamplesOfAnotherTypeAreMadeDense) {
  const auto x = test::sparse_matrix<float>(6, 4, 0.5, 1);
  InputReader<double> reader(SampleView(x.view()), network(4));
  const Inputs<double> all = reader.range(0, 6);
  EXPECT_TRUE(std::holds_alternative<Dense>(all));
  EXPECT_EQ(seen(all, 6, 4), std::vector<double>(x.dense.values().begin(), x.dense.values().end()));
}

}  // namespace
}  // namespace skarma
