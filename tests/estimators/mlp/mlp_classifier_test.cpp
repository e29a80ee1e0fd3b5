#include <skarma/estimators/mlp/mlp_classifier.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/classifiers.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

using test::iris;
using test::same_bits;
using Strings = std::vector<std::string>;

const test::GoldenData& cancer() {
  static const auto data = test::golden_data_set("breast_cancer");
  return data;
}

TEST(MLPClassifier, LearnsIris) {
  MLPClassifier model({.hidden_layer_sizes = {10}, .solver = "lbfgs", .random_state = 1});
  EXPECT_GE(model.fit(iris().x, iris().y).score(iris().x, iris().y), 0.98);
}

/// Four points that no single layer separates (E49 of the lecture).
TEST(MLPClassifier, LearnsXor) {
  const Matrix<double> x(4, 2, {0, 0, 0, 1, 1, 0, 1, 1});
  MLPClassifier model({.hidden_layer_sizes = {4},
                       .activation = "tanh",
                       .solver = "lbfgs",
                       .max_iter = 1000,
                       .random_state = 0});
  EXPECT_EQ(model.fit(x, std::vector<int>{0, 1, 1, 0}).predict(x).as_ints(),
            (std::vector<int>{0, 1, 1, 0}));
}

TEST(MLPClassifier, LearnsFromSparseSamplesWhatItLearnsFromDenseOnes) {
  const auto x = test::sparse_matrix(60, 20, 0.2, 5);
  std::vector<int> y(60);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<int>(i % 3);
  for (const char* solver : {"adam", "lbfgs"}) {
    for (const bool early_stopping : {false, true}) {
      auto params = test::quick_classifier();
      params.solver = solver;
      params.early_stopping = early_stopping;
      MLPClassifier dense(params), sparse(params);
      dense.fit(x.dense, y);
      sparse.fit(x.view(), y);
      EXPECT_TRUE(test::close(sparse.packed_parameters(), dense.packed_parameters(), 1e-10));
      EXPECT_TRUE(test::close(sparse.predict_proba(x.view()).values(),
                              dense.predict_proba(x.dense).values(), 1e-10));
    }
  }
}

TEST(MLPClassifier, BinaryProbabilitiesAreAPairThatSumsToOne) {
  MLPClassifier model(test::quick_classifier());
  model.fit(cancer().x, cancer().y);
  const auto proba = model.predict_proba(cancer().x);
  const auto labels = model.predict(cancer().x).as_ints();
  ASSERT_EQ(proba.cols(), 2u);
  EXPECT_EQ(model.n_outputs(), 1u);
  EXPECT_EQ(model.out_activation(), "logistic");
  for (std::size_t i = 0; i < proba.rows(); ++i) {
    EXPECT_EQ(proba(i, 0), 1.0 - proba(i, 1));
    EXPECT_EQ(labels[i], proba(i, 1) > 0.5 ? 1 : 0);
  }
}

TEST(MLPClassifier, MulticlassProbabilitiesSumToOneAndTheLargestWins) {
  MLPClassifier model(test::quick_classifier());
  model.fit(iris().x, iris().y);
  const auto proba = model.predict_proba(iris().x);
  const auto log_proba = model.predict_log_proba(iris().x);
  const auto codes = model.predict(iris().x).codes();
  EXPECT_EQ(model.out_activation(), "softmax");
  for (std::size_t i = 0; i < proba.rows(); ++i) {
    const auto row = proba.row(i);
    EXPECT_NEAR(row[0] + row[1] + row[2], 1.0, 1e-15);
    EXPECT_EQ(codes[i], std::max_element(row.begin(), row.end()) - row.begin());
    EXPECT_EQ(log_proba(i, 1), std::log(proba(i, 1)));
  }
}

TEST(MLPClassifier, SeveralLabelsAtOnce) {
  const auto x = test::random_matrix(60, 4, 1);
  Matrix<double> y(60, 3);
  for (std::size_t i = 0; i < 60; ++i) {
    for (std::size_t j = 0; j < 3; ++j) y(i, j) = x(i, j) > 0 ? 1 : 0;
  }
  MLPClassifier model({.hidden_layer_sizes = {8}, .solver = "lbfgs", .random_state = 1});
  model.fit(x, y);
  EXPECT_EQ(model.score(x, y), 1.0);
  EXPECT_EQ(model.predict(x).values(), y);
  EXPECT_EQ(model.predict(x).type(), TargetType::multilabel);
  EXPECT_EQ(model.predict_proba(x).cols(), 3u);
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(model.classes()),
            (std::vector<std::int64_t>{0, 1, 2}));
}

/// The kind of label is not seen by the network: same weights, same probabilities.
TEST(MLPClassifier, StringsDoublesAndIntsAreTheSameToTheNetwork) {
  MLPClassifier ints(test::quick_classifier()), strings(test::quick_classifier()),
      doubles(test::quick_classifier());
  ints.fit(iris().x, iris().y);
  strings.fit(iris().x, test::iris_names());
  doubles.fit(iris().x, iris().y.as_doubles());
  const auto expected = ints.predict_proba(iris().x).values();
  EXPECT_TRUE(same_bits(strings.predict_proba(iris().x).values(), expected));
  EXPECT_TRUE(same_bits(doubles.predict_proba(iris().x).values(), expected));
  EXPECT_EQ(std::get<Strings>(strings.classes()), (Strings{"setosa", "versicolor", "virginica"}));
  EXPECT_EQ(strings.score(iris().x, test::iris_names()), ints.score(iris().x, iris().y));
  const auto codes = ints.predict(iris().x).codes();
  const auto names = strings.predict(iris().x).as_strings();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(names[i], std::get<Strings>(strings.classes())[static_cast<std::size_t>(codes[i])]);
  }
}

/// Spec 2.11: legal, n x 2 probabilities, always that class.
TEST(MLPClassifier, ASingleClass) {
  const auto x = test::random_matrix(20, 3, 1);
  MLPClassifier model(test::quick_classifier());
  model.fit(x, Strings(20, "only"));
  EXPECT_EQ(model.predict(x).as_strings(), Strings(20, "only"));
  EXPECT_EQ(model.predict_proba(x).cols(), 2u);
  EXPECT_EQ(model.score(x, Strings(20, "only")), 1.0);
  EXPECT_EQ(n_classes(model.classes()), 1u);
}

TEST(MLPClassifier, ClassesThatARowListMissesAreNotLearnt) {
  std::vector<RowIndex> rows(100);
  for (std::size_t i = 0; i < 100; ++i) rows[i] = static_cast<RowIndex>(i + 50);
  MLPClassifier model(test::quick_classifier());
  model.fit(SampleView(iris().x).rows(rows), iris().y.rows(rows));
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(model.classes()),
            (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(model.n_outputs(), 1u);
}

TEST(MLPClassifier, AWeightOfTwoIsASampleTwiceForLbfgs) {
  const auto x = test::random_matrix(12, 3, 1);
  std::vector<int> y;
  for (std::size_t i = 0; i < 12; ++i) y.push_back(x(i, 0) > 0 ? 1 : 0);
  std::vector<double> weights(12, 1.0);
  weights[11] = 2.0;
  auto values = x.values();
  values.insert(values.end(), x.row(11).begin(), x.row(11).end());
  auto longer_y = y;
  longer_y.push_back(y[11]);
  auto params = test::quick_classifier();
  params.solver = "lbfgs";
  MLPClassifier weighted(params), repeated(params);
  weighted.fit(x, y, {.sample_weight = weights});
  repeated.fit(Matrix<double>(13, 3, values), longer_y);
  EXPECT_TRUE(
      test::close(weighted.predict_proba(x).values(), repeated.predict_proba(x).values(), 1e-10));
}

TEST(MLPClassifierThreads, PredictFromSeveralAtOnce) {
  MLPClassifier model(test::quick_classifier());
  model.fit(iris().x, iris().y);
  const auto expected = model.predict_proba(iris().x);
  std::vector<Matrix<double>> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results)
      threads.emplace_back([&] { result = model.predict_proba(iris().x); });
  }
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST(MLPClassifier, ACloneIsUnfittedWithTheSameParameters) {
  MLPClassifier model(test::quick_classifier());
  model.set("alpha", 0.5).set("solver", std::string("sgd"));
  model.fit(iris().x, iris().y);
  const auto copy = model.clone();
  EXPECT_EQ(copy->parameters(), model.parameters());
  EXPECT_EQ(copy->name(), "MLPClassifier");
  EXPECT_THROW(copy->predict(iris().x), NotFittedError);
}

/// scikit-learn's worked example (test_mlp.py, test_fit): one sgd step from given weights.
TEST(MLPClassifier, TrainingStartsFromGivenWeights) {
  MLPClassifier model({.hidden_layer_sizes = {2},
                       .activation = "logistic",
                       .solver = "sgd",
                       .alpha = 0.1,
                       .learning_rate_init = 0.1,
                       .max_iter = 1,
                       .random_state = 1,
                       .momentum = 0.0});
  const Target classes(std::vector<int>{0, 1});
  const std::vector<double> packed = {0.1, 0.2, 0.3, 0.1, 0.5, 0.0, 0.1, 0.2, 0.1, 0.1, 1.0};
  model.start_from(3, classes, packed);
  EXPECT_EQ(model.packed_parameters(), packed);
  EXPECT_EQ(model.n_iter(), 0);
  const Matrix<double> x(1, 3, {0.6, 0.8, 0.7});
  model.partial_fit(x, std::vector<int>{0}, classes);
  const std::vector<double> expected = {0.098,     0.195756,  0.2956664, 0.096008,
                                        0.4939998, -0.002244, 0.04706,   0.154089,
                                        0.098333,  0.09626,   0.9235};
  const auto after = model.packed_parameters();
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(after[i], expected[i], 6e-4) << i;
  EXPECT_NEAR(model.predict_proba(x)(0, 1), 0.739, 1e-3);
  EXPECT_THROW_WITH(model.start_from(4, classes, packed), std::invalid_argument,
                    "layers of [4, 2, 1] units has 13 weights and biases, got 11");
}

}  // namespace
}  // namespace skarma
