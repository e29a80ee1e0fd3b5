// The products of sparse inputs, by rows and by columns, and what brings a batch into columns.
// CTest runs these tests once for each instruction set.
#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/tests/support/guarded_buffer.hpp>
#include <skarma/tests/support/kernel_test.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma::kernels {
namespace {

using test::GuardedBuffer;
using test::random_numbers;

template <class T>
class SparseKernels : public test::KernelTest<T> {};
TYPED_TEST_SUITE(SparseKernels, test::RealTypes);

TYPED_TEST(SparseKernels, SparseProductsAreSumsOverTheEntries) {
  using T = TypeParam;
  constexpr std::size_t inputs = 9, rows = 4;
  for (std::size_t units = 1; units <= 150; ++units) {
    const auto x = test::sparse_matrix<T>(rows, inputs, 0.4, 1);
    const auto w = random_numbers<T>(inputs * units, 2), delta = random_numbers<T>(rows * units, 3);
    GuardedBuffer<T> z(rows * units), gradient(inputs * units);
    const SparseRows<T> sparse{x.values.data(), x.columns.data(), x.row_starts.data(),
                               x.row_starts.data() + 1, rows};
    this->table_->sparse_product(sparse, w.data(), units, {z.data(), units});
    std::fill_n(gradient.data(), inputs * units, T(0));
    this->table_->add_sparse_gradient(sparse, {delta.data(), units}, units, gradient.data());
    for (std::size_t j = 0; j < units; ++j) {
      for (std::size_t i = 0; i < rows; ++i) {
        long double sum = 0;
        for (std::size_t k = 0; k < inputs; ++k)
          sum += static_cast<long double>(x.dense(i, k)) * w[k * units + j];
        EXPECT_NEAR(z.data()[i * units + j], static_cast<double>(sum), 10 * this->kEpsilon);
      }
      for (std::size_t k = 0; k < inputs; ++k) {
        long double sum = 0;
        for (std::size_t i = 0; i < rows; ++i)
          sum += static_cast<long double>(x.dense(i, k)) * delta[i * units + j];
        EXPECT_NEAR(gradient.data()[k * units + j], static_cast<double>(sum), 10 * this->kEpsilon);
      }
    }
    EXPECT_TRUE(z.sentinels_intact() && gradient.sentinels_intact());
  }
}

template <class T>
std::vector<const T*> row_pointers(const Matrix<T>& x) {
  std::vector<const T*> rows;
  for (std::size_t i = 0; i < x.rows(); ++i) rows.push_back(x.row(i).data());
  return rows;
}

/// A sparse batch by columns, each block with room for every row.
template <class T>
struct ByColumns {
  std::vector<T> values;
  std::vector<std::int32_t> rows;
  std::vector<std::int64_t> begins, ends;
  SparseColumns<T> columns;

  ByColumns(const Matrix<T>& x, std::size_t width)
      : values((x.cols() + width - 1) / width * width * x.rows()), rows(values.size() / width, -1) {
    for (std::size_t b = 0; b * width < x.cols(); ++b) {
      begins.push_back(static_cast<std::int64_t>(b * x.rows()));
    }
    ends = begins;
    columns = {values.data(), rows.data(), begins.data(), ends.data(), x.rows(), x.cols(), width};
  }
};

/// Every element, block by block, where not all of a block is zero.
template <class T>
ByColumns<T> by_columns(const Matrix<T>& x, std::size_t width) {
  ByColumns<T> result(x, width);
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t b = 0; b * width < x.cols(); ++b) {
      std::vector<T> block(width);
      std::copy_n(x.row(i).data() + b * width, std::min(width, x.cols() - b * width),
                  block.begin());
      if (block == std::vector<T>(width)) continue;
      const auto entry = static_cast<std::size_t>(result.ends[b]++);
      std::ranges::copy(block, result.values.begin() + static_cast<std::ptrdiff_t>(entry * width));
      result.rows[entry] = static_cast<std::int32_t>(i);
    }
  }
  return result;
}

TYPED_TEST(SparseKernels, EntriesAreWhatIsNotZero) {
  using T = TypeParam;
  for (std::size_t n = 1; n <= 200; ++n) {
    auto row = random_numbers<T>(n, 1);
    for (std::size_t j = 0; j < n; ++j) row[j] = j % 7 < 4 ? T(0) : row[j];
    if (n > 3) row[3] = std::numeric_limits<T>::denorm_min();
    row[0] = T(-0.0);
    GuardedBuffer<T> values(n);
    std::vector<std::int32_t> columns(n, -1);
    const std::size_t count =
        this->table_->nonzero_entries(row.data(), n, row.data(), values.data(), columns.data());
    std::vector<std::int32_t> expected;
    for (std::size_t j = 0; j < n; ++j) {
      if (row[j] != T(0)) expected.push_back(static_cast<std::int32_t>(j));
    }
    columns.resize(count);
    EXPECT_EQ(columns, expected);
    for (std::size_t k = 0; k < count; ++k) {
      EXPECT_EQ(values.data()[k], row[static_cast<std::size_t>(columns[k])]);
    }
    EXPECT_TRUE(values.sentinels_intact());
  }
}

TYPED_TEST(SparseKernels, BlocksAreThoseThatAreNotAllZero) {
  using T = TypeParam;
  for (std::size_t cols = 1; cols <= 140; ++cols) {
    const auto x = test::sparse_matrix<T>(5, cols, 0.2, static_cast<std::uint32_t>(cols)).dense;
    const auto expected = by_columns(x, kColumnBlock);
    const auto rows = row_pointers(x);
    ByColumns<T> found(x, kColumnBlock);
    const ColumnRoom<T> room{found.values.data(), found.rows.data(), found.ends.data()};
    const std::size_t cut = std::min<std::size_t>(64, cols);
    this->table_->append_blocks(rows.data(), 5, 0, cut, room);
    this->table_->append_blocks(rows.data(), 5, cut, cols, room);
    EXPECT_EQ(found.ends, expected.ends);
    EXPECT_EQ(found.rows, expected.rows);
    EXPECT_EQ(found.values, expected.values);
  }
}

TYPED_TEST(SparseKernels, ProductsByColumnsHaveTheBitsOfTheDenseOnes) {
  using T = TypeParam;
  constexpr std::size_t inputs = 71, rows = 9;
  const auto x = test::sparse_matrix<T>(rows, inputs, 0.3, 1);
  for (const std::size_t width : {std::size_t{1}, kColumnBlock}) {
    const auto by = by_columns(x.dense, width);
    for (std::size_t units = 2; units <= 150; ++units) {
      const auto w = random_numbers<T>(inputs * units, 2);
      const auto delta = random_numbers<T>(rows * units, 3);
      std::vector<T> z(rows * units), gradient(inputs * units),
          room(std::max(this->table_->product_room(units, inputs),
                        this->table_->gradient_room(units, rows)));
      const DenseRows<T> dense(x.dense.data(), inputs);
      this->table_->product(
          {dense, {w.data(), units}, {z.data(), units}, rows, units, inputs, nullptr, room.data()});
      this->table_->gradient_product({dense,
                                      {delta.data(), units},
                                      {gradient.data(), units},
                                      inputs,
                                      units,
                                      rows,
                                      nullptr,
                                      room.data()});
      GuardedBuffer<T> sparse_z(rows * units), sparse_gradient(inputs * units),
          sparse_room(this->table_->columns_room(rows));
      this->table_->columns_product(by.columns, w.data(), units, units, {sparse_z.data(), units},
                                    sparse_room.data());
      this->table_->columns_gradient(by.columns, {delta.data(), units}, units,
                                     sparse_gradient.data(), sparse_room.data());
      EXPECT_EQ(sparse_z.values(), z) << units;
      EXPECT_EQ(sparse_gradient.values(), gradient) << units;
      EXPECT_TRUE(sparse_z.sentinels_intact() && sparse_gradient.sentinels_intact() &&
                  sparse_room.sentinels_intact());
    }
  }
}

}  // namespace
}  // namespace skarma::kernels
