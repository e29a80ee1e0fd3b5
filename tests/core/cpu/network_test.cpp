#include <skarma/core/cpu/network.hpp>

#include <gtest/gtest.h>

#include <skarma/core/cpu/input/column_batch.hpp>
#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/finite_differences.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

using test::close;
using test::same_bits;

template <class T>
Batch<T> batch_of(const Matrix<T>& x, const Targets<T>& y) {
  return {reading(x.view()), y.codes.data(),
          y.values.data(),   y.weights.empty() ? nullptr : y.weights.data(),
          x.rows(),          1.0};
}

struct LossCase {
  const char* name;
  std::string_view loss;
  std::size_t n_outputs;
};

void PrintTo(const LossCase& loss, std::ostream* out) { *out << loss.name; }

constexpr LossCase kLossCases[] = {
    {"Softmax", "log_loss", 3},
    {"LogisticOneOutput", "binary_log_loss", 1},
    {"LogisticThreeOutputs", "binary_log_loss", 3},
    {"SquaredErrorOneOutput", "squared_error", 1},
    {"SquaredErrorThreeOutputs", "squared_error", 3},
    {"PoissonOneOutput", "poisson", 1},
    {"PoissonTwoOutputs", "poisson", 2},
    {"HuberOneOutput", "huber", 1},
    {"HuberThreeOutputs", "huber", 3},
    {"AbsoluteErrorOneOutput", "absolute_error", 1},
    {"AbsoluteErrorThreeOutputs", "absolute_error", 3},
    {"LogCoshThreeOutputs", "log_cosh", 3},
};

class NetworkGradient : public ::testing::TestWithParam<std::tuple<Activation, LossCase, bool>> {};

/// The loss averages the squared error over the outputs, its gradient does not (scikit-learn).
TEST_P(NetworkGradient, EqualsCentralDifferences) {
  const auto& [activation, loss, weighted] = GetParam();
  const auto spec = test::network({4, 5, 3, loss.n_outputs}, activation.name, loss.loss);
  const auto x = test::random_matrix(7, 4, 11);
  const auto y = test::random_targets(spec, 7, 12, weighted);
  const auto batch = batch_of(x, y);
  const auto w = test::initial_parameters(spec, 13);
  Network<double> network(spec, 7);
  std::vector<double> gradient(w.size()), unused(w.size());
  network.loss_and_gradient(w.data(), batch, gradient.data());

  auto expected = test::central_differences(
      [&](const std::vector<double>& at) {
        return network.loss_and_gradient(at.data(), batch, unused.data());
      },
      w);
  if (spec.loss().reduction == Reduction::mean) {
    for (double& g : expected) g *= static_cast<double>(loss.n_outputs);
  }
  EXPECT_TRUE(close(gradient, expected, 1e-8));
}

TEST_P(NetworkGradient, FloatFollowsDouble) {
  const auto& [activation, loss, weighted] = GetParam();
  const auto spec = test::network({4, 5, 3, loss.n_outputs}, activation.name, loss.loss);
  const auto x = test::random_matrix<float>(7, 4, 11);
  const auto y = test::random_targets<float>(spec, 7, 12, weighted);
  const auto w = test::initial_parameters<float>(spec, 13);
  std::vector<float> gradient(w.size());
  const double loss32 =
      Network<float>(spec, 7).loss_and_gradient(w.data(), batch_of(x, y), gradient.data());

  const Matrix<double> wide_x(7, 4, {x.values().begin(), x.values().end()});
  const Targets<double> wide_y{y.codes,
                               {y.values.begin(), y.values.end()},
                               {y.weights.begin(), y.weights.end()},
                               y.n_outputs};
  const std::vector<double> wide_w(w.begin(), w.end());
  std::vector<double> expected(w.size());
  const double loss64 = Network<double>(spec, 7).loss_and_gradient(
      wide_w.data(), batch_of(wide_x, wide_y), expected.data());
  EXPECT_TRUE(close(gradient, expected, 2e-6));
  EXPECT_NEAR(loss32, loss64, 2e-6 * loss64);
}

std::string gradient_case(const ::testing::TestParamInfo<NetworkGradient::ParamType>& info) {
  const auto& [activation, loss, weighted] = info.param;
  return std::string(activation.name) + loss.name + (weighted ? "Weighted" : "");
}

INSTANTIATE_TEST_SUITE_P(All, NetworkGradient,
                         ::testing::Combine(::testing::ValuesIn(kActivations),
                                            ::testing::ValuesIn(kLossCases), ::testing::Bool()),
                         gradient_case);

/// The formulas of the forward pass, written out.
TEST(Network, ForwardOfAHandMadeNet) {
  const auto spec = test::network({2, 2, 1}, "tanh", "binary_log_loss");
  // W_0 = [1 2; 3 4], W_1 = [5; 6], b_0 = (0.1, 0.2), b_1 = 0.3
  const std::vector<double> w{1, 2, 3, 4, 5, 6, 0.1, 0.2, 0.3};
  const Matrix<double> x(1, 2, {0.5, -0.25});
  const double h0 = std::tanh(0.5 * 1 - 0.25 * 3 + 0.1);
  const double h1 = std::tanh(0.5 * 2 - 0.25 * 4 + 0.2);
  const double expected = 1 / (1 + std::exp(-(5 * h0 + 6 * h1 + 0.3)));
  Network<double> network(spec, 1);
  EXPECT_NEAR(network.forward(w.data(), reading(x.view()), 1)[0], expected, 1e-15);
}

TEST(Network, WithoutHiddenLayersItIsLinear) {
  const auto spec = test::network({4, 3}, "relu", "squared_error");
  // E55 of the lecture: W, x and b of a linear classifier (the printed third score forgets b).
  const std::vector<double> w{0.2, 1.5, 0, -0.5, 1.3, 0.25, 0.1, 2.1,
                              0.2, 2,   0, -0.3, 1.1, 3.2,  -1.2};
  const Matrix<double> x(1, 4, {56, 231, 24, 2});
  Network<double> network(spec, 1);
  const auto scores = network.forward(w.data(), reading(x.view()), 1);
  EXPECT_TRUE(close(std::vector<double>(scores.begin(), scores.end()),
                    std::vector<double>{-96.8, 437.9, 60.75}, 1e-14));
}

TEST(Network, AWeightOfTwoCountsASampleTwice) {
  const auto spec = test::network({3, 4, 3}, "tanh", "log_loss");
  auto x = test::random_matrix(5, 3, 1);
  auto y = test::random_targets(spec, 5, 2);
  const auto w = test::initial_parameters(spec, 3);
  Network<double> network(spec, 6);
  std::vector<double> weighted(w.size()), repeated(w.size());
  y.weights = {1, 1, 1, 1, 2};
  const double once = network.loss_and_gradient(w.data(), batch_of(x, y), weighted.data());
  auto values = x.values();
  values.insert(values.end(), x.row(4).begin(), x.row(4).end());
  const Matrix<double> longer(6, 3, values);
  y.weights.clear();
  y.codes.push_back(y.codes[4]);
  const double twice = network.loss_and_gradient(w.data(), batch_of(longer, y), repeated.data());
  EXPECT_NEAR(once, twice, 1e-14 * twice);
  EXPECT_TRUE(close(weighted, repeated, 1e-13));
}

template <class T>
void check_sparse_inputs(double tolerance) {
  const auto spec = test::network({40, 70, 3}, "tanh", "log_loss");
  const auto x = test::sparse_matrix<T>(9, 40, 0.2, 1);
  const auto y = test::random_targets<T>(spec, 9, 2);
  const auto w = test::initial_parameters<T>(spec, 3);
  Network<T> network(spec, 9);
  std::vector<T> dense(w.size()), sparse(w.size(), T(99));
  Batch<T> batch = batch_of(x.dense, y);
  const double expected = network.loss_and_gradient(w.data(), batch, dense.data());
  const kernels::SparseRows<T> rows{x.values.data(), x.columns.data(), x.row_starts.data(),
                                    x.row_starts.data() + 1, 9};
  batch.inputs = rows;
  const double loss = network.loss_and_gradient(w.data(), batch, sparse.data());
  EXPECT_NEAR(loss, expected, tolerance * expected);
  EXPECT_TRUE(close(sparse, dense, tolerance));
  ColumnBatch<T> room;
  for (const std::size_t width : {std::size_t{1}, kernels::kColumnBlock}) {
    const auto columns = room.from_rows(rows, 40, width);
    batch.inputs = columns;
    EXPECT_EQ(network.loss_and_gradient(w.data(), batch, sparse.data()), expected);
    EXPECT_TRUE(same_bits(sparse, dense));
    batch.inputs = SparseRowsAndColumns<T>{rows, columns};
    EXPECT_EQ(network.loss_and_gradient(w.data(), batch, sparse.data()), loss) << "by rows forward";
    EXPECT_TRUE(close(sparse, dense, tolerance));
  }
}

TEST(Network, SparseInputsGiveWhatDenseOnesGive) {
  check_sparse_inputs<double>(1e-13);
  check_sparse_inputs<float>(1e-5);
}

TEST(Network, ASmallerBatchLeavesNoTraceInTheWorkspace) {
  const auto spec = test::network({3, 6, 2}, "relu", "log_loss");
  const auto x = test::random_matrix(9, 3, 1), few = test::random_matrix(2, 3, 5);
  const auto y = test::random_targets(spec, 9, 2), few_y = test::random_targets(spec, 2, 6);
  const auto w = test::initial_parameters(spec, 3);
  Network<double> used(spec, 9), fresh(spec, 9);
  std::vector<double> a(w.size()), b(w.size());
  used.loss_and_gradient(w.data(), batch_of(few, few_y), a.data());
  used.loss_and_gradient(w.data(), batch_of(x, y), a.data());
  fresh.loss_and_gradient(w.data(), batch_of(x, y), b.data());
  EXPECT_TRUE(same_bits(a, b));
}

TEST(Network, MoreRowsThanThereIsRoomForIsABug) {
  const auto spec = test::network({1, 1}, "relu", "squared_error");
  const std::vector<double> w(2);
  const Matrix<double> x(3, 1);
  EXPECT_THROW(Network<double>(spec, 2).forward(w.data(), reading(x.view()), 3), std::logic_error);
}

TEST(Network, ReluLetsNaNThrough) {
  const auto spec = test::network({1, 2, 1}, "relu", "squared_error");
  const auto w = test::initial_parameters(spec, 3);
  const Matrix<double> x(1, 1, {std::nan("")});
  EXPECT_TRUE(std::isnan(Network<double>(spec, 1).forward(w.data(), reading(x.view()), 1)[0]));
}

}  // namespace
}  // namespace skarma
