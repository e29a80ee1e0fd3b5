#include <skarma/estimators/internal/input_checks.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/special_values.hpp>

namespace skarma {
namespace {

using test::kInfinity;
const double kNotANumber = std::nan("");

TEST(InputChecks, Samples) {
  EXPECT_NO_THROW(check_samples("MLPClassifier", Matrix<double>(1, 1)));
  EXPECT_THROW_WITH(check_samples("MLPClassifier", Matrix<double>(0, 3)), std::invalid_argument,
                    "Found array with 0 sample(s) (shape=(0, 3)) while a minimum of 1 is required "
                    "by MLPClassifier.");
  EXPECT_THROW_WITH(check_samples("MLPClassifier", Matrix<double>(2, 0)), std::invalid_argument,
                    "Found array with 0 feature(s) (shape=(2, 0)) while a minimum of 1 is required "
                    "by MLPClassifier.");
  EXPECT_THROW_WITH(check_samples("M", Matrix<double>(2, 2, {0, 0, 0, kNotANumber})),
                    std::invalid_argument, "Input X contains NaN: row 1, column 1");
  EXPECT_THROW_WITH(check_samples("M", Matrix<double>(2, 2, {0, -kInfinity, 0, kNotANumber})),
                    std::invalid_argument, "Input X contains infinity: row 0, column 1");
}

TEST(InputChecks, ScalersLetNaNPass) {
  EXPECT_NO_THROW(check_scalable("S", Matrix<double>(1, 2, {kNotANumber, 1})));
  EXPECT_THROW_WITH(check_scalable("S", Matrix<double>(2, 1, {1, kInfinity})),
                    std::invalid_argument, "Input X contains infinity: sample 1, column 0");
}

TEST(InputChecks, FeaturesAndLengths) {
  EXPECT_THROW_WITH(check_n_features("MLPClassifier", Matrix<double>(1, 2), 3),
                    std::invalid_argument,
                    "X has 2 features, but MLPClassifier is expecting 3 features as input.");
  EXPECT_THROW_WITH(check_same_length(Matrix<double>(2, 1), std::vector<int>{1}),
                    std::invalid_argument,
                    "Found input variables with inconsistent numbers of samples: [2, 1]");
}

TEST(InputChecks, Targets) {
  EXPECT_NO_THROW(check_finite_target(std::vector<double>{1, 2.5}));
  EXPECT_THROW_WITH(check_finite_target(std::vector<double>{1, kNotANumber}), std::invalid_argument,
                    "Input y contains NaN: sample 1");
  EXPECT_THROW_WITH(check_finite_target(Matrix<double>(2, 2, {1, 2, 3, kInfinity})),
                    std::invalid_argument, "Input y contains infinity: sample 1");
}

TEST(InputChecks, Weights) {
  const std::vector<double> good{0, -1}, zero{0, 0}, nan{1, kNotANumber}, infinite{kInfinity, 1};
  EXPECT_NO_THROW(check_weights({}, 2));
  EXPECT_NO_THROW(check_weights(good, 2));
  EXPECT_THROW_WITH(check_weights(good, 3), std::invalid_argument,
                    "sample_weight.shape == (2,), expected (3,)!");
  EXPECT_THROW_WITH(check_weights(zero, 2), std::invalid_argument,
                    "Sample weights must contain at least one non-zero number.");
  EXPECT_THROW_WITH(check_weights(nan, 2), std::invalid_argument,
                    "Input sample_weight contains NaN: sample 1");
  EXPECT_THROW_WITH(check_weights(infinite, 2), std::invalid_argument,
                    "Input sample_weight contains infinity: sample 0");
}

TEST(InputChecks, NotFitted) {
  EXPECT_STREQ(not_fitted("MLPClassifier").what(),
               "This MLPClassifier instance is not fitted yet. Call 'fit' with appropriate "
               "arguments before using this estimator.");
}

}  // namespace
}  // namespace skarma
