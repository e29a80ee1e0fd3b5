#include <skarma/core/engine/output_loss.hpp>

#include <cmath>
#include <limits>
#include <type_traits>

#include <gtest/gtest.h>

#include <skarma/tests/support/problem.hpp>

namespace skarma {
namespace {

/// That of the device 'cpu', whose kernels have their own formulas.
template <class T>
void expect_the_processors_loss(const Loss& loss, bool weighted) {
  const std::size_t n_outputs = loss.targets == TargetKind::code ? 4 : 2;
  test::Problem<T> problem({3, n_outputs}, "relu", loss.name, 20, weighted);
  problem.alpha = 0.0;
  const auto engine = test::engine_of("cpu");
  const ModelId model = problem.open(*engine, "sgd", 20);
  const auto w = test::in_double(problem.start());
  std::vector<double> gradient(w.size());
  const double expected = test::loss_and_gradient(*engine, model, w, gradient);
  const auto outputs = test::outputs_of(*engine, model, problem.x);
  const LossChoice choice(loss, problem.spec.loss_numbers());
  constexpr bool is_float32 = std::is_same_v<T, float>;
  EXPECT_NEAR(mean_loss(choice, outputs, problem.y, is_float32), expected,
              (is_float32 ? 1e-5 : 1e-12) * std::abs(expected));
}

TEST(OutputLoss, IsTheProcessorsForEveryLoss) {
  for (const Loss& loss : kLosses) {
    for (const bool weighted : {false, true}) {
      SCOPED_TRACE(testing::Message() << loss.name << ", weighted " << weighted);
      expect_the_processors_loss<double>(loss, weighted);
      expect_the_processors_loss<float>(loss, weighted);
    }
  }
}

TEST(OutputLoss, ProbabilitiesAreClippedAndNaNStays) {
  const Loss& loss = *find_loss("binary_log_loss");
  const Targets<double> y{{}, {0.0, 1.0}, {}, 1};
  const Matrix<double> wrong(2, 1, {1.0, 0.0});
  EXPECT_DOUBLE_EQ(mean_loss(loss, wrong, y), -std::log(std::numeric_limits<double>::epsilon()));
  EXPECT_NEAR(mean_loss(loss, wrong, y, true), -std::log(std::numeric_limits<float>::epsilon()),
              1e-6);
  EXPECT_TRUE(std::isnan(mean_loss(loss, Matrix<double>(2, 1, {NAN, 0.5}), y)));
}

}  // namespace
}  // namespace skarma
