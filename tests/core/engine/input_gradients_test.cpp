#include <skarma/core/engine/input_gradients.hpp>

#include <gtest/gtest.h>

#include <skarma/core/engine/output_loss.hpp>
#include <skarma/core/reference/network_formulas.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/networks.hpp>

namespace skarma {
namespace {

constexpr double kStep = 1e-5;

/// f(row) of each row by each of its numbers.
template <class F>
Matrix<double> central_differences(const Matrix<double>& x, const F& f) {
  Matrix<double> all(x.rows(), x.cols());
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < x.cols(); ++j) {
      Matrix<double> up(1, x.cols()), down(1, x.cols());
      for (std::size_t k = 0; k < x.cols(); ++k) up(0, k) = down(0, k) = x(i, k);
      up(0, j) += kStep;
      down(0, j) -= kStep;
      all(i, j) =
          (f(static_cast<RowIndex>(i), up) - f(static_cast<RowIndex>(i), down)) / (2.0 * kStep);
    }
  }
  return all;
}

struct Layers {
  const char* name;
  HiddenLayerOptions options;
};

void PrintTo(const Layers& layers, std::ostream* out) { *out << layers.name; }

struct Derivatives : testing::TestWithParam<Layers> {
  Matrix<double> x = test::random_matrix(5, 3, 1);

  NetworkSpec spec(const Loss& loss, std::string_view activation) const {
    const std::size_t n = loss.targets == TargetKind::code ? 4 : 2;
    return {{3, 6, 6, n},
            parse_activation(activation),
            test::loss_for(loss.name, n),
            GetParam().options};
  }
  static Matrix<double> outputs(const NetworkSpec& spec, const std::vector<double>& w,
                                const Matrix<double>& row) {
    return reference::outputs<double>(spec, w, row);
  }
};

/// Of every activation and loss there is, in prediction.
TEST_P(Derivatives, OfTheLossAreCentralDifferences) {
  for (const Activation& activation : kActivations) {
    if (activation.name == "relu") continue;  // has corners
    for (const Loss& loss : kLosses) {
      SCOPED_TRACE(testing::Message() << activation.name << ", " << loss.name);
      const NetworkSpec net = spec(loss, activation.name);
      const auto w = test::initial_parameters(net, 3);
      const Targets<double> y = test::random_targets(net, 5, 2);
      const auto expected = central_differences(x, [&](RowIndex i, const Matrix<double>& row) {
        return mean_loss({loss, net.loss_numbers()}, outputs(net, w, row), y.at({{i}}));
      });
      const auto gradient = loss_by_inputs(net, std::span<const double>(w), x, y);
      EXPECT_TRUE(test::close(gradient.values(), expected.values(), 1e-6));
    }
  }
}

TEST_P(Derivatives, OfAnOutputAreCentralDifferences) {
  const std::vector<std::int32_t> numbers = {0, 1, 1, 0, 1};
  for (const Loss& loss : kLosses) {
    SCOPED_TRACE(loss.name);
    const NetworkSpec net = spec(loss, "tanh");
    const auto w = test::initial_parameters(net, 3);
    const auto expected = central_differences(x, [&](RowIndex i, const Matrix<double>& row) {
      return outputs(net, w, row)(0, static_cast<std::size_t>(numbers[i]));
    });
    const auto gradient = output_by_inputs(net, std::span<const double>(w), x, numbers);
    EXPECT_TRUE(test::close(gradient.values(), expected.values(), 1e-6));
  }
}

TEST_P(Derivatives, OfMaxoutAreCentralDifferences) {
  const NetworkSpec net = spec(*find_loss("log_loss"), "maxout(3)");
  const auto w = test::initial_parameters(net, 3);
  const Targets<double> y = test::random_targets(net, 5, 2);
  const auto expected = central_differences(x, [&](RowIndex i, const Matrix<double>& row) {
    return mean_loss({net.loss(), net.loss_numbers()}, outputs(net, w, row), y.at({{i}}));
  });
  const auto gradient = loss_by_inputs(net, std::span<const double>(w), x, y);
  EXPECT_TRUE(test::close(gradient.values(), expected.values(), 1e-6));
}

std::string layers_name(const testing::TestParamInfo<Layers>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Layers, Derivatives,
    testing::Values(Layers{"Plain", {}}, Layers{"BatchNorm", {0.0, true, false}},
                    Layers{"ResidualDropout", {0.5, false, true}},
                    Layers{"LayerNorm", {.layer_norm = true}},
                    Layers{"NoiseAndDropoutOfInputs",
                           {.dropout = std::vector{0.5, 0.1, 0.2}, .noise = 0.5}}),
    layers_name);

TEST(InputGradients, BlocksOfRowsAreTheRows) {
  const NetworkSpec net({3, 6, 4}, *find_activation("tanh"), *find_loss("log_loss"));
  const auto w = test::initial_parameters(net, 3);
  const Matrix<double> x = test::random_matrix(2500, 3, 1);
  const Targets<double> y = test::random_targets(net, 2500, 2);
  const auto whole = loss_by_inputs(net, std::span<const double>(w), x, y);
  const std::vector<RowIndex> some = {2, 1030, 2499};
  const auto part =
      loss_by_inputs(net, std::span<const double>(w), SampleView(x.view()).rows(some), y.at(some));
  for (std::size_t i = 0; i < some.size(); ++i) {
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(part(i, j), whole(some[i], j), 1e-14);
  }
}

}  // namespace
}  // namespace skarma
