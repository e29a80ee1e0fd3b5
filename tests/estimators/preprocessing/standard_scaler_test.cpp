#include <skarma/estimators/preprocessing/standard_scaler.hpp>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden_data.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/scaler_data.hpp>

namespace skarma {
namespace {

using test::Json;
using test::numbers;
using test::same_bits;

TEST(StandardScaler, IsScikitLearnsToTheBit) {
  for (const Json& one : test::golden("scalers").at("cases")) {
    const test::ScalerData data(one);
    StandardScaler scaler;
    scaler.fit(data.all());
    EXPECT_TRUE(same_bits(scaler.mean(), numbers(one.at("mean_"))));
    EXPECT_TRUE(same_bits(scaler.var(), numbers(one.at("var_"))));
    EXPECT_TRUE(same_bits(scaler.scale(), numbers(one.at("scale_"))));
    EXPECT_TRUE(same_bits(scaler.transform(data.first_three()).values(),
                          numbers(one.at("standard_first_3_rows"))));
  }
}

TEST(StandardScaler, OneColumnIsSummedPairwiseAsByNumPy) {
  const auto data = test::golden_data_set("breast_cancer");
  for (const Json& one : test::golden("scaler_one_column").at("cases")) {
    const MatrixView<const double> column(data.x.data(), one.at("n"), 1, data.x.cols());
    StandardScaler scaler;
    scaler.fit(column);
    EXPECT_TRUE(same_bits(scaler.mean(), numbers(one.at("mean_")))) << one.dump();
    EXPECT_TRUE(same_bits(scaler.var(), numbers(one.at("var_")))) << one.dump();
    EXPECT_TRUE(same_bits(scaler.scale(), numbers(one.at("scale_")))) << one.dump();
  }
}

TEST(StandardScaler, ConstantColumnsKeepTheirScale) {
  const Matrix<double> x(3, 3, {0.1, 5, 1, 0.1, 5, 2, 0.1, 5, 3});
  StandardScaler scaler;
  scaler.fit(x);
  EXPECT_EQ(scaler.scale()[0], 1.0);
  EXPECT_EQ(scaler.scale()[1], 1.0);
  EXPECT_NE(scaler.scale()[2], 1.0);
}

TEST(StandardScaler, TakesOverWhatAnotherOneLearnt) {
  const auto x = test::random_matrix(9, 3, 1);
  StandardScaler scaler;
  scaler.fit(x);
  const StandardScaler twin({}, scaler.mean(), scaler.var(), scaler.scale());
  EXPECT_EQ(twin.transform(x), scaler.transform(x));
  EXPECT_THROW_WITH(StandardScaler({}, {1, 2}, {1, 2}, {1}), std::invalid_argument,
                    "the figures of a scaler have different lengths");
}

TEST(StandardScaler, NaNIsPassedOver) {
  const double nan = std::nan("");
  const Matrix<double> gaps(4, 2, {1, nan, nan, 2, 3, 4, 5, nan});
  StandardScaler scaler;
  scaler.fit(gaps);
  EXPECT_TRUE(test::close(scaler.mean(), std::vector<double>{3, 3}, 1e-15));
  EXPECT_TRUE(test::close(scaler.var(), std::vector<double>{8.0 / 3, 1}, 1e-15));
  const auto scaled = scaler.transform(gaps);
  EXPECT_TRUE(std::isnan(scaled(0, 1)));
  EXPECT_NEAR(scaled(1, 1), -1.0, 1e-15);
}

TEST(StandardScaler, HalvesOfItsWork) {
  const auto x = test::random_matrix(20, 2, 1);
  StandardScaler both, mean_only({.with_std = false}), std_only({.with_mean = false});
  both.fit(x);
  mean_only.fit(x);
  std_only.fit(x);
  EXPECT_EQ(mean_only.transform(x)(3, 1), x(3, 1) - both.mean()[1]);
  EXPECT_EQ(std_only.transform(x)(3, 1), x(3, 1) / both.scale()[1]);
}

TEST(StandardScaler, ChosenRowsAloneAreLearnt) {
  const auto x = test::random_matrix(30, 3, 1);
  const std::vector<RowIndex> rows{5, 2, 17, 9};
  Matrix<double> copy(4, 3);
  SampleView(x).gather(rows, copy.data());
  StandardScaler from_view, from_copy;
  from_view.fit(SampleView(x).rows(rows));
  from_copy.fit(copy);
  EXPECT_TRUE(same_bits(from_view.mean(), from_copy.mean()));
  EXPECT_TRUE(same_bits(from_view.scale(), from_copy.scale()));
}

TEST(StandardScaler, Mistakes) {
  const double infinity = std::numeric_limits<double>::infinity();
  StandardScaler scaler;
  EXPECT_THROW_WITH(scaler.transform(Matrix<double>(1, 1)), NotFittedError,
                    "This StandardScaler instance is not fitted yet");
  EXPECT_THROW_WITH(scaler.fit(Matrix<double>(0, 3)), std::invalid_argument,
                    "Found array with 0 sample(s) (shape=(0, 3))");
  EXPECT_THROW_WITH(scaler.fit(Matrix<double>(1, 2, {1, infinity})), std::invalid_argument,
                    "Input X contains infinity");
  scaler.fit(Matrix<double>(2, 3));
  EXPECT_THROW_WITH(scaler.transform(Matrix<double>(1, 2)), std::invalid_argument,
                    "X has 2 features, but StandardScaler is expecting 3 features as input.");
  EXPECT_THROW_WITH(scaler.set("with_maen", true), std::invalid_argument,
                    "Did you mean 'with_mean'?");
}

TEST(StandardScaler, ACloneHasTheParametersAndIsNotFitted) {
  StandardScaler scaler;
  scaler.set("with_mean", false);
  scaler.fit(Matrix<double>(2, 1));
  const auto copy = scaler.clone();
  EXPECT_EQ(copy->parameters(), scaler.parameters());
  EXPECT_EQ(copy->parameters()[0], (std::pair<std::string, ParamValue>{"with_mean", false}));
  EXPECT_THROW(copy->learnt(), NotFittedError);
}

}  // namespace
}  // namespace skarma
