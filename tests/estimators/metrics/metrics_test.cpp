#include <skarma/estimators/metrics/metrics.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::Json;
using test::matrix;
using test::numbers;

TEST(Metrics, AccuracyIsScikitLearns) {
  const Json& g = test::golden("metrics");
  const Target y = test::ints(g.at("y_true")), p = test::ints(g.at("y_pred"));
  EXPECT_DOUBLE_EQ(accuracy_score(y, p), g.at("values").at("accuracy"));
  EXPECT_DOUBLE_EQ(accuracy_score(y, p, numbers(g.at("sample_weight"))),
                   g.at("values").at("accuracy_weighted_samples"));
  EXPECT_DOUBLE_EQ(accuracy_score(matrix(g.at("multilabel_true")), matrix(g.at("multilabel_pred"))),
                   g.at("values").at("multilabel_accuracy"));
}

TEST(Metrics, R2IsScikitLearns) {
  const Json& g = test::golden("metrics");
  const auto y = matrix(g.at("target")), p = matrix(g.at("prediction"));
  EXPECT_NEAR(r2_score(y, p), g.at("values").at("r2"), 1e-14);
  EXPECT_NEAR(r2_score(y, p, numbers(g.at("regression_weight"))),
              g.at("values").at("r2_weighted_samples"), 1e-14);
}

/// Spec 3.6: residual 0 gives 1, otherwise variance 0 gives 0, fewer than two rows NaN.
TEST(Metrics, R2OfDegenerateTargets) {
  const Matrix<double> constant(3, 1, {2, 2, 2}), off(3, 1, {2, 2, 3}), one(1, 1, {5});
  EXPECT_EQ(r2_score(constant, constant), 1.0);
  EXPECT_EQ(r2_score(constant, off), 0.0);
  EXPECT_TRUE(std::isnan(r2_score(one, one)));
}

TEST(Metrics, LabelsAreComparedByValueNotByCode) {
  const Target truth = std::vector<int>{5, 7, 9, 5};
  EXPECT_EQ(accuracy_score(truth, std::vector<int>{7, 7, 7, 7}), 0.25);
  EXPECT_EQ(accuracy_score(truth, std::vector<double>{5.0, 7.0, 9.0, 9.0}), 0.75);
  const Target names = std::vector<std::string>{"b", "c"};
  EXPECT_EQ(accuracy_score(names, std::vector<std::string>{"a", "c"}), 0.5);
  EXPECT_EQ(accuracy_score(names, std::vector<int>{1, 2}), 0.0);
}

TEST(Metrics, LengthsMustAgree) {
  const Target two = std::vector<int>{0, 1}, three = std::vector<int>{0, 1, 1};
  const std::vector<double> weights{1.0};
  EXPECT_THROW(accuracy_score(two, three), std::invalid_argument);
  EXPECT_THROW(accuracy_score(two, two, weights), std::invalid_argument);
  EXPECT_THROW(r2_score(Matrix<double>(2, 1), Matrix<double>(3, 1)), std::invalid_argument);
  EXPECT_THROW_WITH(r2_score(Matrix<double>(2, 2), Matrix<double>(2, 1)), std::invalid_argument,
                    "y_true and y_pred have different number of output (2!=1)");
}

}  // namespace
}  // namespace skarma
