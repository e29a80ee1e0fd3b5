#include <skarma/core/base/sample_view.hpp>

#include <cmath>
#include <limits>

#include <optional>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

using Rows = std::vector<RowIndex>;

template <class T>
std::vector<T> gathered(const SampleView& x) {
  std::vector<T> out(x.n_samples() * x.n_features());
  x.gather(0, x.n_samples(), out.data());
  return out;
}

std::shared_ptr<const ColumnTransform> transform(ColumnTransform::Kind kind,
                                                 std::vector<double> offset,
                                                 std::vector<double> scale) {
  return std::make_shared<const ColumnTransform>(
      ColumnTransform{kind, std::move(offset), std::move(scale), std::nullopt});
}

TEST(SampleView, GathersARangeAndPositions) {
  const Matrix<double> x(4, 2, {1, 2, 3, 4, 5, 6, 7, 8});
  std::vector<double> out(4);
  SampleView(x).gather(1, 2, out.data());
  EXPECT_EQ(out, (std::vector<double>{3, 4, 5, 6}));
  const Rows positions{3, 0};
  SampleView(x).gather(positions, out.data());
  EXPECT_EQ(out, (std::vector<double>{7, 8, 1, 2}));
}

TEST(SampleView, RowsOfRowsComposeAndOutliveTheInnerList) {
  const Matrix<double> x(5, 1, {10, 11, 12, 13, 14});
  const Rows outer{4, 2, 0, 2};
  SampleView view = SampleView(x).rows(outer);
  EXPECT_EQ(gathered<double>(view), (std::vector<double>{14, 12, 10, 12}));
  {
    const Rows inner{3, 0};
    view = view.rows(inner);
  }
  EXPECT_EQ(gathered<double>(view), (std::vector<double>{12, 14}));
}

TEST(SampleView, RowsThatDoNotExistAreRefused) {
  const Matrix<double> x(3, 1);
  const Rows too_far{0, 3}, two{0, 1}, past_selection{2};
  EXPECT_THROW(SampleView(x).rows(too_far), std::out_of_range);
  EXPECT_THROW(SampleView(x).rows(two).rows(past_selection), std::out_of_range);
}

TEST(SampleView, RowStridesAreRespected) {
  const std::vector<double> memory{1, 2, -1, 3, 4, -1};
  const SampleView x = MatrixView<const double>(memory.data(), 2, 2, 3);
  EXPECT_EQ(gathered<double>(x), (std::vector<double>{1, 2, 3, 4}));
  EXPECT_FALSE(x.find_not_finite());
}

TEST(SampleView, ConvertsBetweenFloatAndDouble) {
  const Matrix<double> x(1, 2, {0.1, 3});
  const Matrix<float> x32(1, 1, {0.1F});
  EXPECT_EQ(gathered<float>(x), (std::vector<float>{0.1F, 3}));
  EXPECT_EQ(gathered<double>(x32), std::vector<double>{static_cast<double>(0.1F)});
  EXPECT_TRUE(SampleView(x32).is_float32());
  EXPECT_FALSE(SampleView(x).is_float32());
}

/// (x - offset) / scale and x * scale + offset with two roundings each, in the data's own type.
template <class T>
void check_transforms_round_twice() {
  using Kind = ColumnTransform::Kind;
  const Matrix<T> x = test::random_matrix<T>(50, 3, 1);
  const std::vector<double> offset{0.1, -0.7, 3.3}, scale{0.3, 7.7, 1e-3};
  const auto standardised =
      gathered<T>(SampleView(x).transformed(transform(Kind::standardise, offset, scale)));
  const auto rescaled =
      gathered<T>(SampleView(x).transformed(transform(Kind::rescale, offset, scale)));
  for (std::size_t i = 0; i < x.values().size(); ++i) {
    const T o = static_cast<T>(offset[i % 3]), s = static_cast<T>(scale[i % 3]);
    volatile T difference = x.values()[i] - o, product = x.values()[i] * s;
    EXPECT_EQ(standardised[i], difference / s);
    EXPECT_EQ(rescaled[i], product + o);
  }
}

TEST(SampleView, TransformsRoundTwiceInDouble) { check_transforms_round_twice<double>(); }
TEST(SampleView, TransformsRoundTwiceInFloat) { check_transforms_round_twice<float>(); }

TEST(SampleView, Float32IsTransformedAsFloat32AndThenWidened) {
  const Matrix<float> x = test::random_matrix<float>(20, 2, 2);
  const auto t = transform(ColumnTransform::Kind::standardise, {0.1, 0.2}, {0.3, 0.7});
  const SampleView view = SampleView(x).transformed(t);
  const auto narrow = gathered<float>(view);
  EXPECT_EQ(gathered<double>(view), std::vector<double>(narrow.begin(), narrow.end()));
}

TEST(SampleView, TransformsApplyInOrderAndToChosenRows) {
  const Matrix<double> x(2, 1, {1, 5});
  const Rows second{1};
  const auto minus_1 = transform(ColumnTransform::Kind::standardise, {1}, {1});
  const auto times_10 = transform(ColumnTransform::Kind::rescale, {0}, {10});
  EXPECT_EQ(gathered<double>(SampleView(x).transformed(minus_1).transformed(times_10)),
            (std::vector<double>{0, 40}));
  EXPECT_EQ(gathered<double>(SampleView(x).transformed(minus_1).rows(second).transformed(times_10)),
            std::vector<double>{40});
}

TEST(SampleView, ClipsAfterRescaling) {
  ColumnTransform t{ColumnTransform::Kind::rescale, {0}, {2}, std::pair{0.0, 1.0}};
  const Matrix<double> x(4, 1, {-1, 0.25, 3, std::nan("")});
  const auto out = gathered<double>(
      SampleView(x).transformed(std::make_shared<const ColumnTransform>(std::move(t))));
  EXPECT_EQ(std::vector<double>(out.begin(), out.begin() + 3), (std::vector<double>{0, 0.5, 1}));
  EXPECT_TRUE(std::isnan(out[3]));
}

TEST(SampleView, PlainOnlyWhenNothingStandsBetween) {
  const Matrix<double> x(2, 1);
  const Rows all{0, 1};
  const SampleView view = x;
  ASSERT_NE(view.plain<double>(), nullptr);
  EXPECT_EQ(view.plain<double>()->data(), x.data());
  EXPECT_EQ(view.plain<float>(), nullptr);
  EXPECT_EQ(view.rows(all).plain<double>(), nullptr);
  const auto t = transform(ColumnTransform::Kind::rescale, {0}, {1});
  EXPECT_EQ(view.transformed(t).plain<double>(), nullptr);
}

TEST(SampleView, FindsTheFirstValueThatIsNotFinite) {
  Matrix<double> x = test::random_matrix(20, 3, 4);
  EXPECT_FALSE(SampleView(x).find_not_finite());
  x(7, 2) = std::numeric_limits<double>::infinity();
  x(9, 0) = std::nan("");
  const auto bad = SampleView(x).find_not_finite();
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->row, 7u);
  EXPECT_EQ(bad->column, 2u);
  EXPECT_FALSE(bad->is_nan);
  const Rows others{9};
  EXPECT_TRUE(SampleView(x).rows(others).find_not_finite()->is_nan);
  const Rows good{0, 1};
  EXPECT_FALSE(SampleView(x).rows(good).find_not_finite());
}

/// Values that come twice are added up, as SciPy does.
TEST(SampleView, SparseSamplesAreReadAsDenseOnes) {
  const std::vector<double> values{2, 3, 4, 5};
  const std::vector<std::int32_t> columns{1, 1, 0, 2};
  const std::vector<std::int64_t> starts{0, 2, 2, 4};
  const SampleView x(CsrView<double>(values, columns, starts, 3));
  EXPECT_EQ(x.n_samples(), 3u);
  EXPECT_EQ(x.n_features(), 3u);
  EXPECT_EQ(gathered<double>(x), (std::vector<double>{0, 5, 0, 0, 0, 0, 4, 0, 5}));
  EXPECT_EQ(gathered<float>(x), (std::vector<float>{0, 5, 0, 0, 0, 0, 4, 0, 5}));
  const Rows last{2};
  const auto halved = transform(ColumnTransform::Kind::rescale, {1, 0, 0}, {0.5, 0.5, 0.5});
  EXPECT_EQ(gathered<double>(x.rows(last).transformed(halved)), (std::vector<double>{3, 0, 2.5}));
}

TEST(SampleView, SparseOnlyWhileNothingIsApplied) {
  const auto x = test::sparse_matrix(3, 2, 0.5, 1);
  const Rows last{2};
  const SampleView view(x.view());
  EXPECT_EQ(view.sparse<double>()->values(), x.values.data());
  EXPECT_EQ(view.sparse<float>(), nullptr);
  EXPECT_EQ(view.plain<double>(), nullptr);
  EXPECT_NE(view.rows(last).sparse<double>(), nullptr);
  EXPECT_EQ(view.rows(last).stored_row(0), 2u);
  const auto t = transform(ColumnTransform::Kind::rescale, {0, 0}, {1, 1});
  EXPECT_EQ(view.transformed(t).sparse<double>(), nullptr);
  EXPECT_EQ(SampleView(x.dense).sparse<double>(), nullptr);
}

TEST(SampleView, FindsWhatIsNotFiniteAmongSparseValues) {
  auto x = test::sparse_matrix(20, 5, 0.5, 4);
  EXPECT_FALSE(SampleView(x.view()).find_not_finite());
  const std::size_t entry = 7;
  x.values[entry] = std::nan("");
  const auto bad = SampleView(x.view()).find_not_finite();
  ASSERT_TRUE(bad && bad->is_nan);
  EXPECT_EQ(bad->column, static_cast<std::size_t>(x.columns[entry]));
  EXPECT_LE(static_cast<std::size_t>(x.row_starts[bad->row]), entry);
  EXPECT_GT(static_cast<std::size_t>(x.row_starts[bad->row + 1]), entry);
}

TEST(SampleView, IsTheSameAsOneOfTheSameParts) {
  const Matrix<double> x = test::random_matrix(6, 3, 1), copy = x;
  const std::vector<RowIndex> rows = {4, 1, 1}, equal_rows = rows;
  const auto transform = std::make_shared<const ColumnTransform>(ColumnTransform{
      .kind = ColumnTransform::Kind::rescale, .offset = {0, 0, 0}, .scale = {1, 1, 1}, .clip = {}});
  const SampleView all(x), some = all.rows(rows), scaled = some.transformed(transform);
  const SampleView others[] = {SampleView(copy), all.rows(equal_rows),
                               scaled.transformed(transform), all.rows(std::span(rows).first(2)),
                               MatrixView<const double>(x.data(), 6, 2, 3)};
  for (const SampleView& view : {all, some, scaled}) {
    EXPECT_TRUE(view.is_same_as(SampleView(view)));
    for (const SampleView& other : others) EXPECT_FALSE(view.is_same_as(other));
  }
  EXPECT_FALSE(all.is_same_as(some));
  EXPECT_FALSE(some.is_same_as(scaled));
  const auto sparse = test::sparse_matrix<double>(6, 3, 0.5, 1), sparse_copy = sparse;
  EXPECT_TRUE(SampleView(sparse.view()).is_same_as(sparse.view()));
  EXPECT_FALSE(SampleView(sparse.view()).is_same_as(sparse_copy.view()));
  EXPECT_FALSE(SampleView(sparse.view()).is_same_as(all));
}

TEST(SampleView, HugeFiniteValuesAreFinite) {
  const double most = std::numeric_limits<double>::max();
  const Matrix<double> x(1, 3, {most, most, -most});
  EXPECT_FALSE(SampleView(x).find_not_finite());
}

TEST(SampleView, OwnedSamplesLiveAsLongAsAnyViewOfThem) {
  const std::vector<RowIndex> last{1};
  std::optional<SampleView> chosen;
  {
    const SampleView all = SampleView::owning(Matrix<float>(2, 2, {1, 2, 3, 4}));
    chosen = all.rows(last);
    EXPECT_TRUE(chosen->is_float32());
  }
  EXPECT_EQ(chosen->gathered<double>(), Matrix<double>(1, 2, {3, 4}));
  CsrMatrix<double> entries{{5, 6}, {1, 0}, {0, 1, 2}, 2};
  const SampleView sparse = SampleView::owning(std::move(entries));
  ASSERT_NE(sparse.sparse<double>(), nullptr);
  EXPECT_EQ(sparse.gathered<double>(), Matrix<double>(2, 2, {0, 5, 6, 0}));
}

}  // namespace
}  // namespace skarma
