#include <skarma/estimators/transformer.hpp>

#include <gtest/gtest.h>

#include <skarma/estimators/preprocessing/min_max_scaler.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

/// Through a view or as a copy: the same bits.
TEST(Transformer, AViewIsTheTransformWithoutTheCopy) {
  const auto x = test::random_matrix(9, 4, 1);
  StandardScaler scaler;
  scaler.fit(x);
  std::vector<double> seen(36);
  scaler.view(x).gather(0, 9, seen.data());
  EXPECT_TRUE(test::same_bits(seen, scaler.transform(x).values()));
}

TEST(Transformer, ViewsStack) {
  const auto x = test::random_matrix(9, 4, 1);
  StandardScaler first;
  MinMaxScaler second;
  first.fit(x);
  const Matrix<double> between = first.transform(x);
  second.fit(first.view(x));
  EXPECT_TRUE(test::same_bits(second.transform(first.view(x)).values(),
                              second.transform(between).values()));
}

}  // namespace
}  // namespace skarma
