#include <skarma/estimators/preprocessing/transformer_kinds.hpp>

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/transformer_cases.hpp>

namespace skarma {
namespace {

using test::Json;
using test::numbers;

Matrix<double> rows_of(const Matrix<double>& x, std::size_t begin, std::size_t end, double factor) {
  Matrix<double> part(end - begin, x.cols());
  for (std::size_t i = begin; i < end; ++i) {
    for (std::size_t j = 0; j < x.cols(); ++j) part(i - begin, j) = factor * x(i, j);
  }
  return part;
}

SampleView samples(const Json& one, const Matrix<double>& x) {
  const bool is_sparse = one.at("sparse");
  if (one.at("dtype") == "float32") return test::owned_samples<float>(x, is_sparse);
  return test::owned_samples<double>(x, is_sparse);
}

/// With parameters that take sparse samples, too.
std::unique_ptr<Transformer> for_all_samples(const TransformerKind& kind) {
  auto transformer = kind.make();
  if (kind.name == "PCA") transformer->set("svd_solver", "covariance_eigh");
  return transformer;
}

/// Figures, transformed samples and the way back of every class, with its parameters, dense and
/// sparse, in both types.
TEST(TransformerKinds, AreScikitLearns) {
  const Matrix<double> x = test::matrix(test::golden("transformers").at("x"));
  const Matrix<double> train = rows_of(x, 0, 30, 1.0), rest = rows_of(x, 28, 40, 1.5);
  for (const Json& one : test::golden("transformers").at("cases")) {
    SCOPED_TRACE(one.at("class").dump() + one.at("params").dump() + one.at("dtype").dump() +
                 one.at("sparse").dump());
    const double rounding = one.at("dtype") == "float32" ? 3e-7 : 1e-15;
    const auto transformer = test::transformer_of(one);
    transformer->fit(samples(one, train));
    const auto learnt = transformer->learnt();
    for (const auto& [name, values] : one.at("learnt").items()) {
      ASSERT_TRUE(learnt.contains(name)) << name;
      EXPECT_TRUE(test::close(learnt.at(name).values, numbers(values), rounding)) << name;
    }
    const SampleView seen = transformer->view(samples(one, rest));
    const bool is_float32 = one.at("dtype") == "float32";
    EXPECT_EQ(seen.is_float32(), is_float32);
    const bool stays_sparse =
        is_float32 ? seen.sparse<float>() != nullptr : seen.sparse<double>() != nullptr;
    EXPECT_EQ(stays_sparse, one.at("sparse").get<bool>());
    EXPECT_TRUE(test::close(seen.gathered<double>().values(), numbers(one.at("transformed")),
                            4.0 * rounding));
    if (one.at("inverse").is_null()) {
      EXPECT_THROW_WITH(transformer->inverse_transform(seen), std::logic_error, "no inverse");
    } else {
      EXPECT_TRUE(test::close(transformer->inverse_transform(seen).values(),
                              numbers(one.at("inverse")), 8.0 * rounding));
    }
  }
}

/// A row of the table is all there is to a class: names are its own, and words are told apart.
TEST(TransformerKinds, EveryRowMakesTheClassOfItsName) {
  std::set<std::string_view> words;
  for (const TransformerKind& kind : transformer_kinds()) {
    const auto transformer = make_transformer(kind.name);
    EXPECT_EQ(transformer->name(), kind.name);
    EXPECT_EQ(transformer->clone()->name(), kind.name);
    EXPECT_TRUE(words.insert(kind.word).second) << kind.word;
  }
  EXPECT_THROW_WITH(make_transformer("RobustScaller"), std::invalid_argument,
                    "There is no transformer 'RobustScaller'. Did you mean 'RobustScaler'?");
}

TEST(TransformerKinds, ChosenRowsAreAllThatIsLearntFromAndSeen) {
  const auto x = test::random_matrix(12, 3, 4);
  const std::vector<RowIndex> chosen{7, 2, 2, 11, 5};
  Matrix<double> copy(chosen.size(), 3);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    for (std::size_t j = 0; j < 3; ++j) copy(i, j) = x(chosen[i], j);
  }
  for (const bool is_sparse : {false, true}) {
    const SampleView all = test::owned_samples<double>(x, is_sparse);
    const SampleView alone = test::owned_samples<double>(copy, is_sparse);
    for (const TransformerKind& kind : transformer_kinds()) {
      SCOPED_TRACE(kind.name);
      const auto of_view = for_all_samples(kind), of_copy = for_all_samples(kind);
      const auto seen = of_view->fit_view(all.rows(chosen)), expected = of_copy->fit_view(alone);
      EXPECT_EQ(seen.gathered<double>(), expected.gathered<double>());
      EXPECT_EQ(of_view->transform(all.rows(chosen)), of_copy->transform(alone));
    }
  }
}

TEST(TransformerKinds, ATwinThatTakesOverTheFiguresIsTheSame) {
  const auto x = test::random_matrix(12, 3, 4);
  for (const TransformerKind& kind : transformer_kinds()) {
    SCOPED_TRACE(kind.name);
    const auto transformer = kind.make();
    EXPECT_THROW(transformer->learnt(), NotFittedError);
    EXPECT_THROW(transformer->view(x), NotFittedError);
    transformer->fit(x);
    const auto twin = transformer->clone();
    EXPECT_THROW(twin->n_features_in(), NotFittedError);
    twin->restore(transformer->learnt());
    EXPECT_EQ(twin->transform(x), transformer->transform(x));
    EXPECT_EQ(twin->n_features_in(), 3);
    EXPECT_THROW_WITH(twin->view(Matrix<double>(2, 4)), std::invalid_argument,
                      "X has 4 features, but " + std::string(kind.name) + " is expecting 3");
    EXPECT_THROW_WITH(twin->restore({}), std::invalid_argument, "is missing");
  }
}

TEST(TransformerKinds, InfinitiesAreRefusedAndScalersPassOverNaN) {
  const double nan = std::nan("");
  for (const bool is_sparse : {false, true}) {
    const SampleView with_nan =
        test::owned_samples<double>({4, 1, {nan, 4.0, -8.0, 2.0}}, is_sparse);
    const SampleView infinite = test::owned_samples<double>({2, 1, {1.0, -HUGE_VAL}}, is_sparse);
    for (const TransformerKind& kind : transformer_kinds()) {
      SCOPED_TRACE(kind.name);
      const auto transformer = kind.make();
      EXPECT_THROW_WITH(transformer->fit(infinite), std::invalid_argument,
                        "Input X contains infinity: sample 1, column 0");
      if (transformer->computes_anew()) {
        EXPECT_THROW_WITH(transformer->fit(with_nan), std::invalid_argument,
                          "Input X contains NaN: sample 0, column 0");
        continue;
      }
      const auto scaled = transformer->fit_view(with_nan).gathered<double>();
      EXPECT_TRUE(std::isnan(scaled(0, 0)));
      for (std::size_t i = 1; i < 4; ++i) EXPECT_TRUE(std::isfinite(scaled(i, 0)));
    }
  }
}

}  // namespace
}  // namespace skarma
