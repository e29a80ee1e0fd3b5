#include <skarma/estimators/preprocessing/min_max_scaler.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/scaler_data.hpp>

namespace skarma {
namespace {

using test::Json;
using test::numbers;
using test::same_bits;

TEST(MinMaxScaler, IsScikitLearnsToTheBit) {
  for (const Json& one : test::golden("scalers").at("cases")) {
    const test::ScalerData data(one);
    MinMaxScaler scaler;
    scaler.fit(data.all());
    EXPECT_TRUE(same_bits(scaler.scale(), numbers(one.at("minmax_scale_"))));
    EXPECT_TRUE(same_bits(scaler.min(), numbers(one.at("minmax_min_"))));
    EXPECT_TRUE(same_bits(scaler.transform(data.first_three()).values(),
                          numbers(one.at("minmax_first_3_rows"))));
  }
}

TEST(MinMaxScaler, TakesOverWhatAnotherOneLearnt) {
  const auto x = test::random_matrix(9, 3, 1);
  MinMaxScaler scaler({.low = -1, .high = 2, .clip = true});
  scaler.fit(x);
  const MinMaxScaler twin({.low = -1, .high = 2, .clip = true}, scaler.min(), scaler.scale(),
                          scaler.data_min(), scaler.data_max());
  EXPECT_EQ(twin.transform(x), scaler.transform(x));
  EXPECT_THROW_WITH(MinMaxScaler({}, {1}, {1}, {1}, {1, 2}), std::invalid_argument,
                    "the figures of a scaler have different lengths");
}

TEST(MinMaxScaler, TrainingSamplesFillTheRange) {
  const Matrix<double> x(3, 2, {1, -5, 3, 0, 2, 5});
  MinMaxScaler scaler({.low = -1, .high = 3});
  scaler.fit(x);
  EXPECT_TRUE(
      test::close(scaler.transform(x).values(), std::vector<double>{-1, -1, 3, 1, 1, 3}, 1e-15));
  EXPECT_EQ(scaler.data_min(), (std::vector<double>{1, -5}));
  EXPECT_EQ(scaler.data_max(), (std::vector<double>{3, 5}));
}

TEST(MinMaxScaler, ConstantColumnsAreMovedToTheLowEnd) {
  const Matrix<double> x(2, 1, {7, 7});
  MinMaxScaler scaler;
  scaler.fit(x);
  EXPECT_EQ(scaler.transform(x).values(), (std::vector<double>{0, 0}));
}

TEST(MinMaxScaler, NewSamplesAreClippedIfAskedFor) {
  const Matrix<double> x(2, 1, {0, 10}), beyond(2, 1, {-5, 20});
  MinMaxScaler open, clipped({.clip = true});
  open.fit(x);
  clipped.fit(x);
  EXPECT_EQ(open.transform(beyond).values(), (std::vector<double>{-0.5, 2}));
  EXPECT_EQ(clipped.transform(beyond).values(), (std::vector<double>{0, 1}));
}

TEST(MinMaxScaler, NaNIsPassedOver) {
  const double nan = std::nan("");
  const Matrix<double> x(4, 1, {nan, 4, nan, 2});
  MinMaxScaler scaler;
  scaler.fit(x);
  EXPECT_EQ(scaler.data_min()[0], 2);
  EXPECT_EQ(scaler.data_max()[0], 4);
  EXPECT_TRUE(std::isnan(scaler.transform(x)(0, 0)));
}

TEST(MinMaxScaler, Mistakes) {
  MinMaxScaler backwards({.low = 1, .high = 1});
  EXPECT_THROW_WITH(backwards.fit(Matrix<double>(1, 1)), std::invalid_argument,
                    "Minimum of desired feature range must be smaller than maximum. Got (1, 1).");
  EXPECT_THROW_WITH(backwards.transform(Matrix<double>(1, 1)), NotFittedError,
                    "This MinMaxScaler instance is not fitted yet");
  EXPECT_THROW_WITH(backwards.set("hihg", 2.0), std::invalid_argument, "Did you mean 'high'?");
}

TEST(MinMaxScaler, ACloneHasTheParametersAndIsNotFitted) {
  MinMaxScaler scaler;
  scaler.set("high", 5.0);
  scaler.fit(Matrix<double>(2, 1, {0, 1}));
  const auto copy = scaler.clone();
  EXPECT_EQ(copy->parameters(), scaler.parameters());
  EXPECT_THROW(copy->learnt(), NotFittedError);
}

}  // namespace
}  // namespace skarma
