#include <skarma/estimators/decomposition/pca.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/linalg/products.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/transformer_cases.hpp>

namespace skarma {
namespace {

using test::Json;
using test::numbers;

Matrix<double> first_half(const Matrix<double>& x) {
  Matrix<double> half(x.rows() / 2, x.cols());
  for (std::size_t i = 0; i < half.rows(); ++i) {
    for (std::size_t j = 0; j < x.cols(); ++j) half(i, j) = 0.5 * x(i, j);
  }
  return half;
}

SampleView samples(const Json& one, const Matrix<double>& x) {
  const bool is_sparse = one.at("sparse");
  if (one.at("dtype") == "float32") return test::owned_samples<float>(x, is_sparse);
  return test::owned_samples<double>(x, is_sparse);
}

/// Signs, figures, transformed samples, what comes back, for every kind of n_components and every
/// solver, dense and sparse, in both types.
TEST(PCA, IsScikitLearns) {
  for (const Json& one : test::golden("pca").at("cases")) {
    const Matrix<double> x =
        test::matrix(test::golden("pca").at("x")[one.at("x").get<std::size_t>()]);
    SCOPED_TRACE(one.at("params").dump() + one.at("dtype").dump() + one.at("sparse").dump() +
                 std::to_string(x.rows()));
    const bool is_float32 = one.at("dtype") == "float32";
    // Roundings of the covariance are those of squares.
    const double rounding = is_float32 ? 3e-4 : 1e-12;
    const auto made = test::transformer_of(one);
    PCA& pca = dynamic_cast<PCA&>(*made);
    pca.fit(samples(one, x));
    const auto learnt = pca.learnt();
    for (const auto& [name, values] : one.at("learnt").items()) {
      ASSERT_TRUE(learnt.contains(name)) << name;
      if (name == "noise_variance") {  // which may be rounding alone, beside the others
        const double most = pca.n_features_out() > 0 ? pca.explained_variance()[0] : 1.0;
        EXPECT_NEAR(pca.noise_variance(), test::number(values[0]), rounding * most);
        continue;
      }
      EXPECT_TRUE(test::close(learnt.at(name).values, numbers(values), rounding)) << name;
    }
    EXPECT_EQ(pca.n_features_in(), x.cols());
    EXPECT_EQ(pca.n_features_out(), pca.components().rows());
    const SampleView seen = pca.view(samples(one, first_half(x)));
    EXPECT_EQ(seen.is_float32(), is_float32);
    EXPECT_EQ(seen.n_features(), pca.n_features_out());
    EXPECT_TRUE(
        test::close(seen.gathered<double>().values(), numbers(one.at("transformed")), rounding));
    const auto learnt_and_seen = pca.fit_view(samples(one, x)).gathered<double>();
    const std::vector<double> first_three(learnt_and_seen.data(),
                                          learnt_and_seen.data() + 3 * learnt_and_seen.cols());
    EXPECT_TRUE(test::close(first_three, numbers(one.at("fit_transformed")), rounding));
    if (one.at("inverse").is_null()) continue;
    EXPECT_TRUE(
        test::close(pca.inverse_transform(seen).values(), numbers(one.at("inverse")), rounding));
  }
}

TEST(PCA, AllComponentsLoseNothing) {
  const auto x = test::random_matrix(12, 4, 1);
  for (const bool whiten : {false, true}) {
    for (const char* solver : {"full", "covariance_eigh"}) {
      PCA pca({.whiten = whiten, .svd_solver = solver});
      pca.fit(x);
      EXPECT_TRUE(test::close(pca.inverse_transform(pca.view(x)).values(), x.values(), 1e-13));
      EXPECT_EQ(pca.noise_variance(), 0.0);
    }
  }
}

/// Uncorrelated, of variance 1 with whiten, and the largest variance first.
TEST(PCA, ComponentsAreUncorrelated) {
  const auto x = test::random_matrix(40, 5, 2);
  PCA pca({.n_components = 3, .whiten = true});
  const Matrix<double> scores = pca.fit_view(x).gathered<double>();
  Matrix<double> products = gram_matrix<double>(scores);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      EXPECT_NEAR(products(i, j) / 39.0, i == j ? 1.0 : 0.0, 1e-12);
    }
  }
  EXPECT_TRUE(std::is_sorted(pca.explained_variance().rbegin(), pca.explained_variance().rend()));
}

/// Centred samples have one direction less than there are samples: what the training samples are in
/// the last component is the decomposition's, as in scikit-learn's fit_transform, not rounding over
/// rounding.
TEST(PCA, WhitenedTrainingSamplesAreOrthonormalWhereAVarianceIsZero) {
  const auto x = test::random_matrix(5, 8, 6);
  PCA pca({.whiten = true, .svd_solver = "full"});
  const Matrix<double> products = gram_matrix<double>(pca.fit_view(x).gathered<double>());
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 5; ++j) EXPECT_NEAR(products(i, j), i == j ? 4.0 : 0.0, 1e-12);
  }
}

/// float32 samples are seen in double by a PCA that learnt from double ones.
TEST(PCA, TypesAreScikitLearns) {
  const auto x = test::random_matrix(9, 3, 1);
  const auto narrow = test::rounded_to_float(x);
  PCA pca;
  pca.fit(x);
  EXPECT_FALSE(pca.view(narrow).is_float32());
  pca.fit(narrow);
  EXPECT_TRUE(pca.view(narrow).is_float32());
  EXPECT_FALSE(pca.view(x).is_float32());
}

/// Behind a column map, and before another.
TEST(PCA, StacksWithScalers) {
  const auto x = test::random_matrix(30, 4, 3);
  StandardScaler before, after;
  PCA pca({.n_components = 2}), twin({.n_components = 2});
  const SampleView seen = after.fit_view(pca.fit_view(before.fit_view(x)));
  const Matrix<double> expected = twin.fit_view(before.transform(x)).gathered<double>();
  EXPECT_EQ(seen.gathered<double>(), after.transform(expected));
}

TEST(PCA, ANetworkLearnsFromTheComponents) {
  const auto x = test::random_matrix(30, 4, 3);
  std::vector<int> y;
  for (std::size_t i = 0; i < 30; ++i) y.push_back(x(i, 0) > 0 ? 1 : 0);
  const std::vector<std::string> names{"a", "b", "c", "d"};
  const MLPClassifier mlp({.hidden_layer_sizes = {3}, .max_iter = 5, .random_state = 1});
  auto pipeline = make_pipeline(PCA({.n_components = 2}), MLPClassifier(mlp));
  pipeline.fit(x, Target(y), {.feature_names = names});
  const auto& network = dynamic_cast<const MLPClassifier&>(pipeline.estimator());
  EXPECT_EQ(network.n_features_in(), 2);
  EXPECT_TRUE(network.feature_names_in().empty());
  EXPECT_EQ(pipeline.n_features_in(), 4);
  EXPECT_EQ(pipeline.feature_names_in(), names);
  PCA pca({.n_components = 2});
  MLPClassifier alone(mlp);
  alone.fit(pca.fit_view(x), Target(y));
  EXPECT_EQ(pipeline.predict_proba(x), alone.predict_proba(pca.view(x)));
}

TEST(PCA, Mistakes) {
  const auto x = test::random_matrix(6, 4, 1);
  const auto expect_error = [&](PCAParams params, const SampleView& samples, const char* message) {
    EXPECT_THROW_WITH(PCA(std::move(params)).fit(samples), std::invalid_argument, message);
  };
  expect_error({.n_components = 5}, x,
               "n_components=5 must be between 0 and min(n_samples, n_features)=4 with "
               "svd_solver='full'");
  expect_error({.n_components = -1}, x, "must be a str among {'mle'} or an int in the range [0, ");
  expect_error({.n_components = 1.5}, x, "or a float in the range (0.0, 1.0) or None. Got 1.5");
  expect_error({.n_components = "mll"}, x, "Did you mean 'mle'?");
  expect_error({.n_components = "mle"}, test::random_matrix(3, 4, 1),
               "n_components='mle' is only supported if n_samples >= n_features");
  for (const char* solver : {"arpack", "randomized"}) {
    expect_error({.svd_solver = solver}, x,
                 "of PCA is scikit-learn's alone: 'full' or 'covariance_eigh' is exact");
  }
  expect_error({.n_components = 2}, test::random_matrix(501, 60, 1),
               "svd_solver='randomized' of PCA, to which 'auto' comes for samples of shape (501, "
               "60), is scikit-learn's alone");
  const SampleView sparse = test::owned_samples<double>(x, true);
  expect_error({.svd_solver = "full"}, sparse, "'covariance_eigh' alone. Got 'full'");
  expect_error({}, sparse, "to which 'auto' comes for sparse samples");
  expect_error({}, Matrix<double>(2, 1, {0, std::nan("")}), "Input X contains NaN");
  PCA pca;
  EXPECT_THROW_WITH(pca.restore({{"components", {{2}, {1, 2}}}, {"mean", {{2}, {1, 2}}}}),
                    std::invalid_argument, "not of the shape (n_components, n_features)");
  EXPECT_THROW(pca.n_features_out(), NotFittedError);
}

}  // namespace
}  // namespace skarma
