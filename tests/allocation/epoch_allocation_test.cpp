#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <tuple>

#include <skarma/core/base/arma_interop.hpp>
#include <skarma/core/cpu/cpu_engine.hpp>
#include <skarma/tests/allocation/counting_allocator.hpp>
#include <skarma/tests/support/one_model.hpp>

namespace skarma {
namespace {

using Case = std::tuple<std::string, std::string, std::string>;  // rule, activation, output

class EpochAllocation : public testing::TestWithParam<Case> {};

/// Allocations of the second epoch, in another order, of a model that has seen one.
template <class T>
long allocations_of_an_epoch(const Case& c, const SampleView& x,
                             const HiddenLayerOptions& options = {}) {
  const auto& [rule, activation, output] = c;
  const std::size_t n_outputs = 3;
  const NetworkSpec spec({x.n_features(), 17, 5, n_outputs}, parse_activation(activation),
                         *find_loss(output), options);
  Targets<double> targets;
  targets.n_outputs = n_outputs;
  for (std::size_t i = 0; i < x.n_samples(); ++i) {
    if (spec.loss().targets == TargetKind::code) {
      targets.codes.push_back(static_cast<std::int32_t>(i % n_outputs));
    } else {
      targets.values.insert(targets.values.end(), n_outputs, static_cast<double>(i % 2));
    }
    targets.weights.push_back(static_cast<double>(1 + i % 3));
  }
  std::vector<RowIndex> order(x.n_samples());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = static_cast<RowIndex>(7 * i % order.size());
  }
  UpdateRule update;
  update.name = rule;
  const auto engine = make_cpu_engine();
  const ModelId model =
      test::open_one(*engine, {spec, 1e-4, 32, engine->hold(x), targets,
                               ModelState<T>{std::vector<T>(spec.n_parameters(), T(0.01)),
                                             start_optimiser<T>(update, spec.n_trained())}});
  const EpochRange range{model, order, 32, 0, (order.size() + 31) / 32, 1e-3};
  EpochLoss loss;
  test::train_one(*engine, range, loss);
  std::iota(order.rbegin(), order.rend(), RowIndex{0});
  const long before = test::n_allocations;
  test::train_one(*engine, range, loss);
  return test::n_allocations - before;
}

TEST(LayerAllocation, ThereIsNoneInsideAnEpoch) {
  const Matrix<double> dense(100, 9);
  const std::vector<double> values(100, 1.0);
  const std::vector<std::int32_t> columns(100, 4);
  std::vector<std::int64_t> row_starts(101);
  std::iota(row_starts.begin(), row_starts.end(), 0);
  const CsrView<double> sparse(values, columns, row_starts, 9);
  for (const HiddenLayerOptions& options :
       {HiddenLayerOptions{.batch_norm = true},
        {.dropout = std::vector{0.1, 0.2, 0.3}, .layer_norm = true, .noise = 0.5}}) {
    for (const char* activation : {"selu", "maxout(3)"}) {
      const Case c{"adam", activation, "log_loss"};
      EXPECT_EQ(allocations_of_an_epoch<double>(c, dense, options), 0) << activation;
      EXPECT_EQ(allocations_of_an_epoch<double>(c, sparse, options), 0) << activation;
    }
  }
}

TEST_P(EpochAllocation, ThereIsNoneInsideAnEpoch) {
  const Matrix<double> wide(100, 9);
  const Matrix<float> narrow(100, 9);
  // The first batch of the second epoch has all the entries.
  Matrix<double> scattered(100, 90), runs(100, 90);
  std::vector<std::int32_t> columns;
  std::vector<std::int64_t> row_starts(69);
  for (std::size_t i = 68; i < 100; ++i) {
    std::ranges::fill(runs.row(i).subspan(i % 10, 16), 1.0);
    for (std::size_t j = i % 5; j < 90; j += 5) {
      scattered(i, j) = 1.0;
      columns.push_back(static_cast<std::int32_t>(j));
    }
    row_starts.push_back(static_cast<std::int64_t>(columns.size()));
  }
  const std::vector<double> ones(columns.size(), 1.0);
  const std::vector<RowIndex> rows = {5, 99, 3, 7, 11, 42};
  const auto scaled =
      std::make_shared<ColumnTransform>(ColumnTransform{ColumnTransform::Kind::standardise,
                                                        std::vector<double>(9, 0.5),
                                                        std::vector<double>(9, 2.0),
                                                        {}});
  EXPECT_EQ(allocations_of_an_epoch<double>(GetParam(), wide), 0);
  EXPECT_EQ(allocations_of_an_epoch<float>(GetParam(), narrow), 0);
  EXPECT_EQ(allocations_of_an_epoch<double>(GetParam(), scattered), 0);
  EXPECT_EQ(
      allocations_of_an_epoch<double>(GetParam(), CsrView<double>(ones, columns, row_starts, 90)),
      0);
  EXPECT_EQ(allocations_of_an_epoch<double>(GetParam(), runs), 0);
  EXPECT_EQ(
      allocations_of_an_epoch<double>(GetParam(), SampleView(wide).rows(rows).transformed(scaled)),
      0);
  EXPECT_EQ(
      allocations_of_an_epoch<float>(GetParam(), SampleView(narrow).rows(rows).transformed(scaled)),
      0);
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  const auto& [rule, activation, output] = info.param;
  return rule + "_" + activation + "_" + output;
}

INSTANTIATE_TEST_SUITE_P(
    All, EpochAllocation,
    testing::Values(Case{"adam", "relu", "log_loss"}, Case{"sgd", "tanh", "binary_log_loss"},
                    Case{"adam", "logistic", "squared_error"}, Case{"sgd", "identity", "poisson"},
                    Case{"rmsprop", "tanh", "huber"}, Case{"adamw", "relu", "absolute_error"},
                    Case{"amsgrad", "relu", "log_loss"}, Case{"gd", "tanh", "log_loss"}),
    case_name);

TEST(EpochAllocationSelfTest, ArmadillosAndOurAllocationsAreCounted) {
  const long before = test::n_allocations;
  const arma::vec gradient(1000);
  EXPECT_EQ(test::n_allocations - before, 1);
  const long after = test::n_allocations;
  ::operator delete(::operator new(16));
  EXPECT_EQ(test::n_allocations - after, 1);
}

}  // namespace
}  // namespace skarma
