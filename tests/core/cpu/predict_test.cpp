#include <skarma/core/cpu/predict.hpp>

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/core/cpu/network.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/networks.hpp>

namespace skarma {
namespace {

using test::close;
using test::same_bits;

class PredictOutputs : public ::testing::TestWithParam<std::size_t> {
 protected:
  const NetworkSpec spec_ = test::network({6, 9, 3}, "tanh", "log_loss");
  const std::vector<double> w_ = test::initial_parameters(spec_, 1);
};

/// Sizes around the block of 512 rows: cutting into blocks changes nothing but rounding.
TEST_P(PredictOutputs, BlocksEqualOneForwardPass) {
  const auto x = test::random_matrix(GetParam(), 6, 2);
  Network<double> network(spec_, x.rows());
  const auto whole = network.forward(w_.data(), reading(x.view()), x.rows());
  EXPECT_TRUE(close(predict_outputs<double>(spec_, w_, x).values(),
                    std::vector<double>(whole.begin(), whole.end()), 1e-14));
}

TEST_P(PredictOutputs, AWayOfStoringSamplesIsNotSeen) {
  const std::size_t n = GetParam();
  const auto x = test::random_matrix(n, 6, 2);
  const auto expected = predict_outputs<double>(spec_, w_, x).values();

  Matrix<double> wide(n, 8);
  std::vector<RowIndex> rows(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::copy(x.row(i).begin(), x.row(i).end(), wide.row(i).begin());
    rows[i] = static_cast<RowIndex>(i);
  }
  const MatrixView<const double> strided(wide.data(), n, 6, 8);
  EXPECT_TRUE(same_bits(predict_outputs<double>(spec_, w_, strided).values(), expected));
  EXPECT_TRUE(
      same_bits(predict_outputs<double>(spec_, w_, SampleView(x).rows(rows)).values(), expected));
}

TEST_P(PredictOutputs, ThreadsChangeNoBit) {
  const auto x = test::random_matrix(GetParam(), 6, 2);
  const auto expected = predict_outputs<double>(spec_, w_, x).values();
  for (const int n_threads : {2, 4}) {
    ThreadTeam team(n_threads);
    EXPECT_TRUE(same_bits(predict_outputs<double>(spec_, w_, x, team).values(), expected));
    EXPECT_TRUE(same_bits(checked_predict_outputs<double>(spec_, w_, x, team).values(), expected));
  }
}

TEST_P(PredictOutputs, AStopRequestEndsThemInEveryThread) {
  const auto x = test::random_matrix(GetParam(), 6, 2);
  std::stop_source source;
  source.request_stop();
  for (const int n_threads : {1, 2}) {
    ThreadTeam team(n_threads);
    EXPECT_THROW(checked_predict_outputs<double>(spec_, w_, x, team, source.get_token()),
                 Cancelled);
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, PredictOutputs, ::testing::Values(1, 2, 511, 512, 513, 1100),
                         ::testing::PrintToStringParamName());

TEST(PredictOutput, NoSamplesGiveNoOutputs) {
  const auto spec = test::network({2, 1}, "relu", "squared_error");
  const auto w = test::initial_parameters(spec, 1);
  const auto outputs = predict_outputs<double>(spec, w, Matrix<double>(0, 2));
  EXPECT_EQ(outputs.rows(), 0u);
  EXPECT_EQ(outputs.cols(), 1u);
}

TEST(PredictOutput, Float32SamplesInADoubleNetworkAreWidened) {
  const auto spec = test::network({2, 3, 1}, "relu", "binary_log_loss");
  const auto w = test::initial_parameters(spec, 1);
  const auto x = test::random_matrix<float>(5, 2, 3);
  const Matrix<double> wide(5, 2, {x.values().begin(), x.values().end()});
  EXPECT_TRUE(same_bits(predict_outputs<double>(spec, w, x).values(),
                        predict_outputs<double>(spec, w, wide).values()));
}

TEST(PredictOutput, ShapesThatDoNotFitAreABug) {
  const auto spec = test::network({2, 1}, "relu", "squared_error");
  const std::vector<double> w(3);
  EXPECT_THROW(predict_outputs<double>(spec, w, Matrix<double>(1, 3)), std::logic_error);
}

/// In whichever block it is, dense or sparse, for one thread and for two.
TEST_P(PredictOutputs, RefusesASampleThatIsNotFinite) {
  const std::size_t n = GetParam();
  ThreadTeam team(2);
  for (const std::size_t bad : {std::size_t{0}, n - 1}) {
    for (const double value :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
      auto x = test::random_matrix(n, 6, 2);
      EXPECT_TRUE(same_bits(checked_predict_outputs<double>(spec_, w_, x).values(),
                            predict_outputs<double>(spec_, w_, x).values()));
      x(bad, 5) = value;
      EXPECT_THROW(checked_predict_outputs<double>(spec_, w_, x), NotFiniteSample);
      EXPECT_THROW(checked_predict_outputs<double>(spec_, w_, x, team), NotFiniteSample);
      std::vector<RowIndex> backwards(n);
      for (std::size_t i = 0; i < n; ++i) backwards[i] = static_cast<RowIndex>(n - 1 - i);
      EXPECT_THROW(checked_predict_outputs<double>(spec_, w_, SampleView(x).rows(backwards)),
                   NotFiniteSample);
      const std::vector<std::int64_t> starts{0, 1, 2};
      const std::vector<std::int32_t> columns{0, 5};
      const std::vector<double> values{1.0, value};
      const CsrView<double> sparse(values, columns, starts, 6);
      EXPECT_THROW(checked_predict_outputs<double>(spec_, w_, sparse), NotFiniteSample);
    }
  }
}

/// Some columns of a matrix are looked at, and nothing beside them.
TEST_P(PredictOutputs, WhatIsBesideTheSamplesMeansNothing) {
  const std::size_t n = GetParam();
  const auto x = test::random_matrix(n, 6, 2);
  Matrix<double> wide(n, 8);
  for (std::size_t i = 0; i < n; ++i) {
    std::ranges::fill(wide.row(i), std::nan(""));
    std::ranges::copy(x.row(i), wide.row(i).begin() + 1);
  }
  const MatrixView<const double> columns(wide.data() + 1, n, 6, 8);
  EXPECT_TRUE(same_bits(checked_predict_outputs<double>(spec_, w_, columns).values(),
                        predict_outputs<double>(spec_, w_, x).values()));
  wide(n - 1, 6) = std::nan("");
  EXPECT_THROW(checked_predict_outputs<double>(spec_, w_, columns), NotFiniteSample);
}

}  // namespace
}  // namespace skarma
