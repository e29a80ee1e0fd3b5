#include <skarma/model_selection/search/internal/digests.hpp>

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace skarma {
namespace {

// XXH3_128bits of nothing, with seed 0: xxHash's own test vector.
TEST(Digests, OfNothingIsXxHashs) {
  EXPECT_EQ(Hasher().digest().text(), "99aa06d3014798d86001c324468d497f");
}

TEST(Digests, TextsAreToldWithTheirLengths) {
  EXPECT_NE(Hasher().text("ab").text("c").digest(), Hasher().text("a").text("bc").digest());
}

TEST(Digests, OfSamplesGoByValuesAndType) {
  const Matrix<double> x(3, 2, {1, 2, 3, 4, 5, 6});
  const Matrix<double> wide(2, 3, {1, 2, 3, 4, 5, 6});
  const Matrix<float> single(3, 2, {1, 2, 3, 4, 5, 6});
  const Matrix<double> negative_zero(3, 2, {1, 2, 3, 4, 5, -0.0});
  const Matrix<double> zero(3, 2, {1, 2, 3, 4, 5, 0});
  std::set<Digest> digests = {digest_of(SampleView(x)), digest_of(SampleView(wide)),
                              digest_of(SampleView(single)), digest_of(SampleView(zero)),
                              digest_of(SampleView(negative_zero))};
  EXPECT_EQ(digests.size(), 5u);
}

TEST(Digests, OfSamplesDoNotGoByWhereTheyLie) {
  const Matrix<double> all(4, 2, {9, 9, 1, 2, 9, 9, 3, 4});
  const Matrix<double> some(2, 2, {1, 2, 3, 4});
  const std::vector<RowIndex> rows = {1, 3};
  EXPECT_EQ(digest_of(SampleView(all).rows(rows)), digest_of(SampleView(some)));
  const MatrixView<const double> strided(all.data() + 2, 2, 2, 4);
  EXPECT_EQ(digest_of(SampleView(strided)), digest_of(SampleView(some)));
}

TEST(Digests, OfManyRowsSeeEachOne) {
  Matrix<double> x(1000, 3);
  std::set<Digest> digests = {digest_of(SampleView(x))};
  for (const std::size_t row : {0U, 255U, 256U, 999U}) {
    x.row(row)[2] = 1.0;
    digests.insert(digest_of(SampleView(x)));
  }
  EXPECT_EQ(digests.size(), 5u);
}

TEST(Digests, OfSparseSamplesSeeEntriesAndColumns) {
  const std::vector<std::int64_t> starts = {0, 1, 2};
  const std::vector<double> values = {1, 2};
  const std::vector<double> others = {1, 3};
  const std::vector<std::int32_t> columns = {0, 1};
  const std::vector<std::int32_t> other_columns = {0, 0};
  const auto view = [&](const auto& v, const auto& c) {
    return digest_of(SampleView(CsrView<double>(v, c, starts, 2)));
  };
  const Matrix<double> dense(2, 2, {1, 0, 0, 2});
  const std::set<Digest> digests = {view(values, columns), view(others, columns),
                                    view(values, other_columns), digest_of(SampleView(dense))};
  EXPECT_EQ(digests.size(), 4u);
}

TEST(Digests, OfTargetsSeeLabelsAndCodes) {
  const std::set<Digest> digests = {digest_of(Target(std::vector<int>{0, 1, 0})),
                                    digest_of(Target(std::vector<int>{0, 1, 1})),
                                    digest_of(Target(std::vector<int>{0, 2, 0})),
                                    digest_of(Target(std::vector<std::string>{"a", "b", "a"})),
                                    digest_of(Target(std::vector<std::string>{"a", "c", "a"})),
                                    digest_of(Target(std::vector<double>{0.5, 1.5, 0.5})),
                                    digest_of(Target(std::vector<double>{0.5, 1.5, 0.25})),
                                    digest_of(Target(Matrix<double>(3, 2, {0.5, 1, 2, 3, 4, 5})))};
  EXPECT_EQ(digests.size(), 8u);
  EXPECT_EQ(digest_of(Target(std::vector<int>{0, 1, 0})),
            digest_of(Target(std::vector<std::int64_t>{0, 1, 0})));
}

TEST(Digests, OfSplitsSeeBothParts) {
  const auto of = [](std::vector<RowIndex> train, std::vector<RowIndex> test) {
    Splits splits(4);
    splits.add({std::move(train), std::move(test)});
    return digest_of(splits);
  };
  const std::set<Digest> digests = {of({0, 1}, {2, 3}), of({0, 1, 2}, {3}), of({0, 1}, {3, 2}),
                                    of({1, 0}, {2, 3})};
  EXPECT_EQ(digests.size(), 4u);
  Splits others(4);
  others.add_test({2, 3});
  EXPECT_EQ(digest_of(others), of({0, 1}, {2, 3}));
}

TEST(Digests, OfParametersDoNotGoByTheirOrder) {
  const ParamSet a = {{"alpha", 0.1}, {"solver", std::string("adam")}};
  const ParamSet b = {{"solver", std::string("adam")}, {"alpha", 0.1}};
  const ParamSet c = {{"alpha", std::string("0.1")}, {"solver", std::string("adam")}};
  EXPECT_EQ(digest_of(a), digest_of(b));
  EXPECT_NE(digest_of(a), digest_of(c));
}

}  // namespace
}  // namespace skarma
