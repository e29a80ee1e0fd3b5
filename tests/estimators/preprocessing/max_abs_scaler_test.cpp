#include <skarma/estimators/preprocessing/max_abs_scaler.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/transformer_cases.hpp>

namespace skarma {
namespace {

TEST(MaxAbsScaler, TrainingSamplesComeToLieBetweenMinusOneAndOne) {
  const Matrix<double> x(3, 2, {1, -8, -4, 2, 2, 4});
  MaxAbsScaler scaler;
  EXPECT_EQ(scaler.fit_view(x).gathered<double>().values(),
            (std::vector<double>{0.25, -1, -1, 0.25, 0.5, 0.5}));
  EXPECT_EQ(scaler.max_abs(), (std::vector<double>{4, 8}));
  EXPECT_EQ(scaler.n_samples_seen(), 3);
}

TEST(MaxAbsScaler, NewSamplesAreClippedIfAskedFor) {
  const Matrix<double> x(2, 1, {-2, 1}), beyond(3, 1, {-5, 1, 3});
  for (const bool is_sparse : {false, true}) {
    const SampleView rest = test::owned_samples<double>(beyond, is_sparse);
    MaxAbsScaler open, clipped({.clip = true});
    open.fit(x);
    clipped.fit(x);
    EXPECT_EQ(open.transform(rest).values(), (std::vector<double>{-2.5, 0.5, 1.5}));
    EXPECT_EQ(clipped.transform(rest).values(), (std::vector<double>{-1, 0.5, 1}));
  }
}

TEST(MaxAbsScaler, AColumnOfZerosStays) {
  MaxAbsScaler scaler;
  EXPECT_EQ(scaler.fit_view(Matrix<double>(2, 1)).gathered<double>(), Matrix<double>(2, 1));
}

/// An entry that comes twice is one: 3 + 4, not 4.
TEST(MaxAbsScaler, EntriesOfTheSamePlaceAreSummed) {
  CsrMatrix<double> x{{3, 4, 2}, {0, 0, 1}, {0, 3}, 2};
  MaxAbsScaler scaler;
  EXPECT_EQ(scaler.fit_view(SampleView::owning(std::move(x))).gathered<double>().values(),
            (std::vector<double>{1, 1}));
  EXPECT_EQ(scaler.max_abs(), (std::vector<double>{7, 2}));
}

}  // namespace
}  // namespace skarma
