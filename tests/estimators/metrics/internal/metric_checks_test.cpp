#include <skarma/estimators/metrics/internal/metric_checks.hpp>

#include <gtest/gtest.h>

#include <skarma/core/base/matrix.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

const Target kLabels(std::vector<int>{0, 1, 2});
const Target kNumbers = Target::numbers(Matrix<double>(3, 1));
const Target kTwoLabels = Target::multilabel(Matrix<double>(3, 2));
const std::vector<double> kTwoWeights = {1.0, 1.0};

TEST(MetricChecks, LengthsAreThoseOfTheTruth) {
  EXPECT_NO_THROW(check_same_samples(2, 2, {}));
  EXPECT_NO_THROW(check_same_samples(2, 2, kTwoWeights));
  EXPECT_THROW_WITH(check_same_samples(3, 2, {}), std::invalid_argument, "samples: [3, 2]");
  EXPECT_THROW_WITH(check_same_samples(3, 3, kTwoWeights), std::invalid_argument, "[3, 3, 2]");
}

TEST(MetricChecks, NumbersHaveOneShape) {
  const Matrix<double> narrow(3, 1);
  const Matrix<double> wide(3, 2);
  EXPECT_NO_THROW(check_same_shape(wide, wide, {}));
  EXPECT_THROW_WITH(check_same_shape(wide, narrow, {}), std::invalid_argument, "(2!=1)");
  EXPECT_THROW_WITH(check_same_shape(wide, wide, kTwoWeights), std::invalid_argument, "[3, 3, 2]");
}

// The messages are those of sklearn.metrics' _check_targets.
TEST(MetricChecks, LabelsMeetLabelsOfTheirKind) {
  EXPECT_NO_THROW(check_labels(kLabels, kLabels, {}));
  EXPECT_NO_THROW(check_labels(kTwoLabels, kTwoLabels, {}));
  EXPECT_THROW_WITH(check_labels(kNumbers, kNumbers, {}), std::invalid_argument,
                    "continuous is not supported");
  EXPECT_THROW_WITH(check_labels(kLabels, kNumbers, {}), std::invalid_argument,
                    "Classification metrics can't handle a mix of multiclass and continuous");
  EXPECT_THROW_WITH(check_labels(kTwoLabels, kLabels, {}), std::invalid_argument,
                    "a mix of multilabel-indicator and multiclass targets");
  EXPECT_THROW_WITH(check_labels(kTwoLabels, Target::multilabel(Matrix<double>(3, 3)), {}),
                    std::invalid_argument, "(2!=3)");
}

TEST(MetricChecks, ProbabilitiesBelongToLabels) {
  EXPECT_NO_THROW(check_probabilities(kLabels, Matrix<double>(3, 3), {}));
  EXPECT_NO_THROW(check_probabilities(kTwoLabels, Matrix<double>(3, 2), {}));
  EXPECT_THROW_WITH(check_probabilities(kLabels, Matrix<double>(4, 3), {}), std::invalid_argument,
                    "[3, 4]");
  EXPECT_THROW_WITH(check_probabilities(kTwoLabels, Matrix<double>(3, 3), {}),
                    std::invalid_argument, "(2!=3)");
  EXPECT_THROW_WITH(check_probabilities(kNumbers, Matrix<double>(3, 2), {}), std::invalid_argument,
                    "continuous format is not supported");
}

}  // namespace
}  // namespace skarma
