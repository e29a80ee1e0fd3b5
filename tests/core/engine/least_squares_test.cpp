#include <skarma/core/engine/least_squares.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <stop_token>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/reference/network_formulas.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/networks.hpp>

namespace skarma {
namespace {

constexpr double kSquaresStep = 1e-5;

/// All that there is at one point.
struct SquareDerivatives {
  double value;
  std::vector<double> gradient;
  std::vector<double> curvature;  // from the diagonal on
};

SquareDerivatives square_derivatives(const LeastSquares& squares, const std::vector<double>& w) {
  SquareDerivatives all{0.0, std::vector<double>(w.size(), 7.0),
                        std::vector<double>(w.size() * w.size(), 7.0)};
  all.value = squares.derivatives(w, all.gradient, all.curvature, {});
  return all;
}

struct SquaresCase {
  const char* name;
  std::vector<std::size_t> units;
  std::string_view loss;
  HiddenLayerOptions options{};
  std::string_view activation = "tanh";
};

void PrintTo(const SquaresCase& one, std::ostream* out) { *out << one.name; }

class LeastSquaresOf : public testing::TestWithParam<SquaresCase> {
 protected:
  NetworkSpec spec = {GetParam().units, parse_activation(GetParam().activation),
                      test::loss_for(GetParam().loss, GetParam().units.back()), GetParam().options};
  std::vector<double> w = test::initial_parameters(spec, 3);
  Matrix<double> x = test::random_matrix(7, 3, 1);
  Targets<double> y = test::random_targets(spec, 7, 2, true);
  LeastSquares squares{spec, x, y, 0.3};
};

TEST_P(LeastSquaresOf, ItsGradientIsThatOfItsValue) {
  const SquareDerivatives all = square_derivatives(squares, w);
  EXPECT_EQ(all.value, squares.value(w, {}));
  for (std::size_t i = 0; i < w.size(); ++i) {
    std::vector<double> up = w, down = w;
    up[i] += kSquaresStep;
    down[i] -= kSquaresStep;
    const double slope = (squares.value(up, {}) - squares.value(down, {})) / (2 * kSquaresStep);
    EXPECT_NEAR(all.gradient[i], slope, 1e-6 * std::max(1.0, std::abs(slope)));
  }
}

/// J'J of central differences of the outputs, with weights and penalty.
TEST_P(LeastSquaresOf, ItsCurvatureIsThatOfTheOutputs) {
  const std::size_t n = w.size();
  std::vector<Matrix<double>> slopes;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> up = w, down = w;
    up[i] += kSquaresStep;
    down[i] -= kSquaresStep;
    Matrix<double> slope = reference::outputs<double>(spec, up, x);
    const Matrix<double> other = reference::outputs<double>(spec, down, x);
    std::ranges::transform(slope.values(), other.values(), slope.data(),
                           [](double a, double b) { return (a - b) / (2 * kSquaresStep); });
    slopes.push_back(std::move(slope));
  }
  const double total = std::accumulate(y.weights.begin(), y.weights.end(), 0.0);
  const SquareDerivatives all = square_derivatives(squares, w);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = a; b < n; ++b) {
      double expected = a == b && a < spec.n_coefs() ? 0.3 : 0.0;
      for (std::size_t i = 0; i < x.rows(); ++i) {
        for (std::size_t k = 0; k < spec.n_outputs(); ++k) {
          expected += y.weights[i] * slopes[a](i, k) * slopes[b](i, k);
        }
      }
      EXPECT_NEAR(all.curvature[a * n + b], expected / total, 1e-6);
    }
  }
}

TEST_P(LeastSquaresOf, WhatIsFrozenHasNoDerivatives) {
  const SquareDerivatives whole = square_derivatives(squares, w);
  const int first[] = {0};
  spec.freeze(first);
  const SquareDerivatives rest = square_derivatives(LeastSquares(spec, x, y, 0.3), w);
  std::vector<bool> frozen(w.size());
  for (const auto& [begin, end] : spec.frozen()) {
    std::fill(frozen.begin() + static_cast<std::ptrdiff_t>(begin),
              frozen.begin() + static_cast<std::ptrdiff_t>(end), true);
  }
  for (std::size_t a = 0; a < w.size(); ++a) {
    EXPECT_EQ(rest.gradient[a], frozen[a] ? 0.0 : whole.gradient[a]);
    for (std::size_t b = a; b < w.size(); ++b) {
      EXPECT_EQ(rest.curvature[a * w.size() + b],
                frozen[a] || frozen[b] ? 0.0 : whole.curvature[a * w.size() + b]);
    }
  }
}

TEST_P(LeastSquaresOf, ItsLossIsTheNetworks) {
  const auto sums = reference::loss_and_gradient<double>(spec, w, x, y, {});
  const double total = std::accumulate(y.weights.begin(), y.weights.end(), 0.0);
  double squared = 0.0;
  for (std::size_t i = 0; i < spec.n_coefs(); ++i) squared += w[i] * w[i];
  EXPECT_NEAR(squares.loss(squares.value(w, {}), w), (sums.loss + 0.15 * squared) / total, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, LeastSquaresOf,
    testing::Values(SquaresCase{"OneOutput", {3, 4, 3, 1}, "squared_error"},
                    SquaresCase{"SeveralOutputs", {3, 4, 2}, "squared_error"},
                    SquaresCase{"Residuals", {3, 4, 4, 1}, "squared_error", {.residual = true}},
                    SquaresCase{"LayerNorm", {3, 4, 1}, "squared_error", {.layer_norm = true}},
                    SquaresCase{"Maxout", {3, 4, 1}, "squared_error", {}, "maxout(2)"},
                    SquaresCase{"Labels", {3, 4, 2}, "binary_squared_error"},
                    SquaresCase{"Classes", {3, 4, 3}, "class_squared_error"}),
    [](const auto& one) { return one.param.name; });

/// More rows than are done at once.
TEST(LeastSquares, ManyRowsAreTheSumOfTheirParts) {
  const NetworkSpec spec = test::network({3, 5, 2}, "relu", "squared_error");
  const auto w = test::initial_parameters(spec, 3);
  const Matrix<double> x = test::random_matrix(2500, 3, 1);
  const Targets<double> y = test::random_targets(spec, 2500, 2);
  SquareDerivatives sum{0.0, std::vector<double>(w.size()),
                        std::vector<double>(w.size() * w.size())};
  for (std::size_t begin = 0; begin < 2500; begin += 500) {
    std::vector<RowIndex> rows(500);
    std::iota(rows.begin(), rows.end(), static_cast<RowIndex>(begin));
    const SquareDerivatives part =
        square_derivatives({spec, SampleView(x).rows(rows), y.at(rows), 0.0}, w);
    sum.value += part.value / 5;
    for (std::size_t i = 0; i < sum.gradient.size(); ++i) sum.gradient[i] += part.gradient[i] / 5;
    for (std::size_t i = 0; i < sum.curvature.size(); ++i) {
      sum.curvature[i] += part.curvature[i] / 5;
    }
  }
  const SquareDerivatives all = square_derivatives({spec, x, y, 0.0}, w);
  EXPECT_NEAR(all.value, sum.value, 1e-12);
  EXPECT_TRUE(test::close(all.gradient, sum.gradient, 1e-9));
  EXPECT_TRUE(test::close(all.curvature, sum.curvature, 1e-9));
}

TEST(LeastSquares, HearsAStopRequestAndRefusesWeightsOfNothing) {
  const NetworkSpec spec = test::network({3, 5, 1}, "relu", "squared_error");
  const auto w = test::initial_parameters(spec, 3);
  const Matrix<double> x = test::random_matrix(7, 3, 1);
  Targets<double> y = test::random_targets(spec, 7, 2);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(LeastSquares(spec, x, y, 0.0).value(w, source.get_token()), Cancelled);
  y.weights.assign(7, 0.0);
  EXPECT_THROW(LeastSquares(spec, x, y, 0.0), std::domain_error);
}

}  // namespace
}  // namespace skarma
