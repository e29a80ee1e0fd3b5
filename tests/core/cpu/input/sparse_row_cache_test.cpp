#include <skarma/core/cpu/input/sparse_row_cache.hpp>

#include <numeric>

#include <gtest/gtest.h>

#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

using Rows = std::vector<RowIndex>;

constexpr std::uint32_t kBytesOfEntry = sizeof(double) + sizeof(std::int32_t);

struct Entry {
  double value;
  std::int32_t column;
  bool operator==(const Entry&) const = default;
};
using Entries = std::vector<std::vector<Entry>>;

Entries seen(const kernels::SparseRows<double>& x) {
  Entries rows(x.rows);
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (auto k = x.begins[i]; k < x.ends[i]; ++k) rows[i].push_back({x.values[k], x.columns[k]});
  }
  return rows;
}

Entries entries_of(const Matrix<double>& x, const Rows& stored_rows) {
  Entries rows;
  for (const RowIndex i : stored_rows) {
    auto& row = rows.emplace_back();
    for (std::size_t j = 0; j < x.cols(); ++j) {
      if (x(i, j) != 0.0) row.push_back({x(i, j), static_cast<std::int32_t>(j)});
    }
  }
  return rows;
}

Rows all_rows(std::size_t n) {
  Rows rows(n);
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  return rows;
}

/// Rows 0 ... n - 1 have so many entries each.
Matrix<double> rows_of_entries(std::size_t n, std::size_t n_entries) {
  Matrix<double> x(n, 50);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n_entries; ++k) x(i, (7 * i + 3 * k) % 50) = 1.0;
  }
  return x;
}

/// How many rows are not looked for any more: those for which the cache gives something else than
/// the matrix once its elements are doubled.
std::size_t n_kept(SparseRowCache<double>& cache, Matrix<double>& x) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (double& v : x.row(i)) v *= 2;
  }
  const Rows rows = all_rows(x.rows());
  const Entries given = seen(cache.at(rows)), present = entries_of(x, rows);
  std::size_t n = 0;
  for (std::size_t i = 0; i < x.rows(); ++i) n += given[i] == present[i] ? 0 : 1;
  return n;
}

TEST(SparseRowCache, ARowIsItsEntriesInTheirOrder) {
  const auto x = test::sparse_matrix(30, 70, 0.1, 1).dense;
  const Rows order{4, 0, 3, 29, 17};
  SparseRowCache<double> cache(SampleView(x).rows(order), ThreadTeam::alone());
  EXPECT_EQ(seen(cache.at(Rows{3, 1})), entries_of(x, {29, 0}));
  EXPECT_EQ(seen(cache.at(Rows{4, 3, 2, 3})), entries_of(x, {17, 29, 3, 29}));
  EXPECT_EQ(seen(cache.at(Rows{0, 1, 2, 3, 4})), entries_of(x, order));
  EXPECT_EQ(seen(cache.at(Rows{})), Entries{});
}

TEST(SparseRowCache, ABatchMayBeLargerThanTheSamples) {
  const Matrix<double> x(2, 3, {1, 2, 3, 4, 5, 6});
  SparseRowCache<double> cache(x, ThreadTeam::alone());
  EXPECT_EQ(seen(cache.at(Rows{1})), entries_of(x, {1}));
  EXPECT_EQ(seen(cache.at(Rows{0, 0, 1, 0, 0})), entries_of(x, {0, 0, 1, 0, 0}));
}

TEST(SparseRowCache, EntriesAreLookedForOnce) {
  auto x = rows_of_entries(20, 4);
  SparseRowCache<double> cache(x, ThreadTeam::alone());
  cache.at(Rows{7, 3, 19});
  EXPECT_EQ(n_kept(cache, x), 3u);
  EXPECT_EQ(n_kept(cache, x), 20u);
}

TEST(SparseRowCache, KeepsAsManyBytesAsItMay) {
  for (const std::uint32_t bytes : {0u, kBytesOfEntry * 27, kBytesOfEntry * 28}) {
    auto x = rows_of_entries(20, 4);
    SparseRowCache<double> cache(x, ThreadTeam::alone(), bytes);
    for (int epoch = 0; epoch < 2; ++epoch) {
      for (const Rows& batch : {Rows{19, 2, 5, 11}, Rows{0, 1, 3, 4, 6}, Rows{8, 2, 9, 0, 19}}) {
        EXPECT_EQ(seen(cache.at(batch)), entries_of(x, batch));
      }
    }
    EXPECT_EQ(n_kept(cache, x), bytes / kBytesOfEntry / 4);
  }
}

TEST(SparseRowCache, ThreadsChangeNoRow) {
  const auto x = test::sparse_matrix(300, 400, 0.05, 1).dense;
  const Rows rows = all_rows(300);
  const std::span<const RowIndex> all(rows);
  const Entries expected = entries_of(x, rows);
  for (const std::uint32_t bytes : {SparseRowCache<double>::kMostBytes, kBytesOfEntry * 3000}) {
    ThreadTeam team(3);
    SparseRowCache<double> cache(x, team, bytes);
    for (int epoch = 0; epoch < 2; ++epoch) {
      cache.at(all.first(100));
      EXPECT_EQ(seen(cache.at(all.last(200))), Entries(expected.begin() + 100, expected.end()));
      EXPECT_EQ(seen(cache.at(all)), expected);
    }
  }
}

}  // namespace
}  // namespace skarma
