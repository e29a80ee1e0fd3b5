#include <skarma/estimators/preprocessing/normalizer.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/transformer_cases.hpp>

namespace skarma {
namespace {

TEST(Normalizer, EverySampleHasNormOne) {
  const Matrix<double> x(2, 2, {3, -4, 0, 0});
  const auto first_row = [&](const char* norm) {
    Normalizer normalizer({.norm = norm});
    const auto out = normalizer.fit_view(x).gathered<double>();
    EXPECT_EQ(out(1, 0), 0.0);
    return std::vector<double>{out(0, 0), out(0, 1)};
  };
  EXPECT_TRUE(test::close(first_row("l2"), std::vector<double>{0.6, -0.8}, 1e-15));
  EXPECT_TRUE(test::close(first_row("l1"), std::vector<double>{3.0 / 7.0, -4.0 / 7.0}, 1e-15));
  EXPECT_TRUE(test::close(first_row("max"), std::vector<double>{0.75, -1.0}, 1e-15));
}

/// A norm below ten roundings of 1 counts as 0 in dense samples, in sparse ones 0 alone: both are
/// scikit-learn's.
TEST(Normalizer, TinySamplesStayIfTheyAreDense) {
  const Matrix<double> x(1, 2, {3e-16, 4e-16});
  Normalizer normalizer;
  EXPECT_EQ(normalizer.fit_view(x).gathered<double>(), x);
  const auto sparse = normalizer.fit_view(test::owned_samples<double>(x, true)).gathered<double>();
  EXPECT_TRUE(test::close(sparse.values(), std::vector<double>{0.6, 0.8}, 1e-15));
}

TEST(Normalizer, Mistakes) {
  EXPECT_THROW_WITH(Normalizer({.norm = "l3"}).fit(Matrix<double>(1, 1)), std::invalid_argument,
                    "The 'norm' parameter of Normalizer must be a str among {'l1', 'l2', 'max'}. "
                    "Got 'l3' instead.");
  Normalizer normalizer;
  EXPECT_THROW_WITH(normalizer.restore({{"n_features_in", {{1}, {0.5}}}}), std::invalid_argument,
                    "'n_features_in' is not a number of features");
  EXPECT_THROW_WITH(normalizer.restore({{"n_features_in", {{2}, {1, 2}}}}), std::invalid_argument,
                    "'n_features_in' is not one number");
}

}  // namespace
}  // namespace skarma
