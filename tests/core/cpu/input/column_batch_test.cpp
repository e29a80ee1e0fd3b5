#include <skarma/core/cpu/input/column_batch.hpp>

#include <memory>
#include <numeric>

#include <gtest/gtest.h>

#include <skarma/core/cpu/cpu_engine.hpp>
#include <skarma/core/cpu/input/column_block.hpp>
#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/one_model.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

using test::same_bits;

template <class T>
struct Fit {
  std::vector<T> parameters;
  double loss;
};

/// One epoch of adam on three batches.
template <class T>
Fit<T> epoch_on(const SampleView& x, const NetworkSpec& spec, int n_threads) {
  const auto engine = make_cpu_engine(n_threads);
  std::vector<RowIndex> order(x.n_samples());
  std::iota(order.rbegin(), order.rend(), RowIndex{0});
  const ModelId model = test::open_one(
      *engine, {spec, 1e-4, 200, engine->hold(x), test::random_targets(spec, x.n_samples(), 2),
                ModelState<T>{test::initial_parameters<T>(spec, 3),
                              start_optimiser<T>(UpdateRule{}, spec.n_parameters())}});
  const EpochRange range{model, order, 200, 0, (order.size() + 199) / 200, 1e-3};
  EpochLoss loss;
  test::train_one(*engine, range, loss);
  return {test::close_one<T>(*engine, model).parameters, loss.loss_sum};
}

/// In groups of `run` neighbouring columns there is everything or nothing; the last may be shorter.
template <class T>
test::SparseMatrix<T> in_runs(std::size_t rows, std::size_t cols, std::size_t run) {
  const auto groups = test::sparse_matrix<T>(rows, (cols + run - 1) / run, 0.1, 1);
  test::SparseMatrix<T> x{Matrix<T>(rows, cols), {}, {}};
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < cols; ++j) {
      const T value = groups.dense(i, j / run) * static_cast<T>(1 + j % run);
      x.dense(i, j) = value;
      if (value == T(0)) continue;
      x.values.push_back(value);
      x.columns.push_back(static_cast<std::int32_t>(j));
    }
    x.row_starts.push_back(static_cast<std::int64_t>(x.values.size()));
  }
  return x;
}

/// Samples in compressed rows, and dense ones, are trained by columns in blocks of `width`; seen
/// through a transform, though it changes nothing, dense ones stay dense.
template <class T>
void check_epochs(std::size_t run, std::size_t width) {
  const auto spec = test::network({330, 100, 3}, "relu", "log_loss");
  const auto x = in_runs<T>(510, 330, run);
  ASSERT_EQ(column_block<T>(x.dense, 100), width);
  ASSERT_EQ(column_block<T>(x.view(), 100), width);
  const auto identity =
      std::make_shared<ColumnTransform>(ColumnTransform{ColumnTransform::Kind::rescale,
                                                        std::vector<double>(330, 0),
                                                        std::vector<double>(330, 1),
                                                        {}});
  const Fit<T> expected = epoch_on<T>(SampleView(x.dense).transformed(identity), spec, 1);
  for (const int n_threads : {1, 2, 4}) {
    for (const SampleView& samples : {SampleView(x.dense), SampleView(x.view())}) {
      const Fit<T> fit = epoch_on<T>(samples, spec, n_threads);
      EXPECT_TRUE(same_bits(fit.parameters, expected.parameters));
      EXPECT_EQ(fit.loss, expected.loss);
    }
  }
}

/// Columns in any order, one of them twice: what counts is the sum.
TEST(ColumnBatch, RowsNeedNoOrder) {
  const std::vector<double> values{1, 2, 4, 8, 16};
  const std::vector<std::int32_t> columns{5, 0, 5, 4, 1};
  const std::vector<std::int64_t> starts{0, 4, 5};
  const kernels::SparseRows<double> rows{values.data(), columns.data(), starts.data(),
                                         starts.data() + 1, 2};
  ColumnBatch<double> batch;
  for (const std::size_t width : {std::size_t{1}, kernels::kColumnBlock}) {
    const auto x = batch.from_rows(rows, 6, width);
    const std::vector<double> w{1, 10, 100, 1000, 1e4, 1e5}, delta{1, 100};
    std::vector<double> z(2), gradient(6), room(kernels::table<double>().columns_room(2));
    kernels::table<double>().columns_product(x, w.data(), 1, 1, {z.data(), 1}, room.data());
    kernels::table<double>().columns_gradient(x, {delta.data(), 1}, 1, gradient.data(),
                                              room.data());
    EXPECT_EQ(z, (std::vector<double>{580002, 160}));
    EXPECT_EQ(gradient, (std::vector<double>{2, 1600, 0, 0, 8, 5}));
  }
}

TEST(ColumnBatch, SparseAndDenseEpochsHaveTheSameBitsForAnyThreads) {
  check_epochs<double>(1, 1);
  check_epochs<float>(1, 1);
  check_epochs<double>(7, kernels::kColumnBlock);
  check_epochs<float>(7, kernels::kColumnBlock);
}

}  // namespace
}  // namespace skarma
