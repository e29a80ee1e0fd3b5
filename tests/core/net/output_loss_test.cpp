#include <skarma/core/net/output_loss.hpp>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/reference/network_formulas.hpp>
#include <skarma/tests/support/networks.hpp>

namespace skarma {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

/// That of the device 'reference', whose gradients are central differences.
TEST(OutputLoss, IsTheReferencesForEveryLoss) {
  for (const Loss& loss : kLosses) {
    for (const bool weighted : {false, true}) {
      SCOPED_TRACE(testing::Message() << loss.name << ", weighted " << weighted);
      const std::size_t n_outputs = loss.targets == TargetKind::code ? 4 : 2;
      const NetworkSpec spec = test::network({3, n_outputs}, "relu", loss.name);
      const Matrix<double> x = test::random_matrix(20, 3, 1);
      Targets<double> y = test::random_targets(spec, 20, 2);
      double sum = 20.0;
      if (weighted) {
        sum = 0.0;
        for (int i = 0; i < 20; ++i) sum += y.weights.emplace_back(0.5 + i);
      }
      const auto w = test::initial_parameters(spec, 3);
      const auto expected = reference::loss_and_gradient<double>(spec, w, x, y, {}).loss / sum;
      const Matrix<double> outputs = reference::outputs<double>(spec, w, x);
      EXPECT_NEAR(mean_loss({loss, spec.loss_numbers()}, outputs, y, kEpsilon), expected,
                  1e-12 * std::abs(expected));
    }
  }
}

TEST(OutputLoss, ProbabilitiesAreClippedAndNaNStays) {
  const Loss& loss = *find_loss("binary_log_loss");
  const Targets<double> y{{}, {0.0, 1.0}, {}, 1};
  EXPECT_DOUBLE_EQ(mean_loss(loss, Matrix<double>(2, 1, {1.0, 0.0}), y, 1e-7), -std::log(1e-7));
  EXPECT_TRUE(std::isnan(mean_loss(loss, Matrix<double>(2, 1, {NAN, 0.5}), y, 1e-7)));
}

}  // namespace
}  // namespace skarma
