#include <skarma/estimators/mlp_classifier.hpp>

#include <cmath>
#include <thread>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden_data.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

using test::same_bits;
using Strings = std::vector<std::string>;

MLPClassifierParams quick() {
  return {.hidden_layer_sizes = {4}, .max_iter = 5, .random_state = 7};
}

const test::GoldenData& iris() {
  static const auto data = test::golden_data_set("iris");
  return data;
}
const test::GoldenData& cancer() {
  static const auto data = test::golden_data_set("breast_cancer");
  return data;
}

Strings iris_names() {
  Strings names;
  for (const int code : iris().y.as_ints()) {
    names.push_back(test::golden("data_iris").at("target_names")[static_cast<std::size_t>(code)]);
  }
  return names;
}

// ---- what it learns and says -------------------------------------------------------------------

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
      auto params = quick();
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
  MLPClassifier model(quick());
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
  MLPClassifier model(quick());
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
  MLPClassifier ints(quick()), strings(quick()), doubles(quick());
  ints.fit(iris().x, iris().y);
  strings.fit(iris().x, iris_names());
  doubles.fit(iris().x, iris().y.as_doubles());
  const auto expected = ints.predict_proba(iris().x).values();
  EXPECT_TRUE(same_bits(strings.predict_proba(iris().x).values(), expected));
  EXPECT_TRUE(same_bits(doubles.predict_proba(iris().x).values(), expected));
  EXPECT_EQ(std::get<Strings>(strings.classes()), (Strings{"setosa", "versicolor", "virginica"}));
  EXPECT_EQ(strings.score(iris().x, iris_names()), ints.score(iris().x, iris().y));
  const auto codes = ints.predict(iris().x).codes();
  const auto names = strings.predict(iris().x).as_strings();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(names[i], std::get<Strings>(strings.classes())[static_cast<std::size_t>(codes[i])]);
  }
}

/// Spec 2.11: legal, n x 2 probabilities, always that class.
TEST(MLPClassifier, ASingleClass) {
  const auto x = test::random_matrix(20, 3, 1);
  MLPClassifier model(quick());
  model.fit(x, Strings(20, "only"));
  EXPECT_EQ(model.predict(x).as_strings(), Strings(20, "only"));
  EXPECT_EQ(model.predict_proba(x).cols(), 2u);
  EXPECT_EQ(model.score(x, Strings(20, "only")), 1.0);
  EXPECT_EQ(n_classes(model.classes()), 1u);
}

TEST(MLPClassifier, ClassesThatARowListMissesAreNotLearnt) {
  std::vector<RowIndex> rows(100);
  for (std::size_t i = 0; i < 100; ++i) rows[i] = static_cast<RowIndex>(i + 50);
  MLPClassifier model(quick());
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
  auto params = quick();
  params.solver = "lbfgs";
  MLPClassifier weighted(params), repeated(params);
  weighted.fit(x, y, {.sample_weight = weights});
  repeated.fit(Matrix<double>(13, 3, values), longer_y);
  EXPECT_TRUE(
      test::close(weighted.predict_proba(x).values(), repeated.predict_proba(x).values(), 1e-10));
}

TEST(MLPClassifierThreads, PredictFromSeveralAtOnce) {
  MLPClassifier model(quick());
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

// ---- warm start and partial_fit -----------------------------------------------------------------

TEST(MLPClassifier, WarmStartWantsTheSameClasses) {
  auto params = quick();
  params.warm_start = true;
  MLPClassifier model(params);
  model.fit(iris().x, iris().y);
  EXPECT_NO_THROW(model.fit(iris().x, iris().y));
  EXPECT_EQ(model.loss_curve().size(), 10u);
  std::vector<int> two = iris().y.as_ints();
  for (int& label : two) label = std::min(label, 1);
  EXPECT_THROW_WITH(model.fit(iris().x, two), std::invalid_argument,
                    "warm_start can only be used where `y` has the same classes as in the previous "
                    "call to fit. Previously got [0 1 2], `y` has [0 1]");
}

TEST(MLPClassifier, PartialFitNeedsItsClassesOnce) {
  MLPClassifier model(quick());
  EXPECT_THROW_WITH(model.partial_fit(iris().x, iris().y), std::invalid_argument,
                    "classes must be passed on the first call to partial_fit.");
  model.partial_fit(iris().x, iris().y, iris().y);
  EXPECT_NO_THROW(model.partial_fit(iris().x, iris().y));
  EXPECT_EQ(model.n_iter(), 1);
  EXPECT_EQ(model.t(), 300);
  EXPECT_EQ(model.stop_reason(), StopReason::one_epoch);
  EXPECT_THROW_WITH(model.partial_fit(iris().x, iris().y, Target(std::vector<int>{0, 1})),
                    std::invalid_argument,
                    "`classes=[0 1]` is not the same as on last call to partial_fit, was: [0 1 2]");
  std::vector<int> strange(150, 5);
  EXPECT_THROW_WITH(model.partial_fit(iris().x, strange), std::invalid_argument,
                    "`y` has classes not in `self.classes_`. `self.classes_` has [0 1 2]. 'y' has "
                    "[5].");
}

TEST(MLPClassifier, PartialFitMayMissClassesInABatch) {
  std::vector<RowIndex> first_class(50);
  for (std::size_t i = 0; i < 50; ++i) first_class[i] = static_cast<RowIndex>(i);
  MLPClassifier model(quick());
  model.partial_fit(SampleView(iris().x).rows(first_class), iris().y.rows(first_class), iris().y);
  EXPECT_EQ(model.n_outputs(), 3u);
}

TEST(MLPClassifier, PartialFitIsNotForLbfgsNorEarlyStopping) {
  auto params = quick();
  params.solver = "lbfgs";
  EXPECT_THROW_WITH(MLPClassifier(params).partial_fit(iris().x, iris().y, iris().y),
                    std::invalid_argument, "partial_fit is only available for stochastic");
  params = quick();
  params.early_stopping = true;
  EXPECT_THROW_WITH(MLPClassifier(params).partial_fit(iris().x, iris().y, iris().y),
                    std::invalid_argument, "partial_fit does not support early_stopping=True");
}

/// Two calls are two epochs, shuffled alike: an int seed restarts the stream at each call.
TEST(MLPClassifier, TwoPartialFitsAreNotAFitOfTwoEpochs) {
  auto params = quick();
  params.max_iter = 2;
  params.shuffle = false;
  MLPClassifier whole(params), parts(params);
  whole.fit(iris().x, iris().y);
  parts.partial_fit(iris().x, iris().y, iris().y).partial_fit(iris().x, iris().y);
  EXPECT_TRUE(same_bits(whole.loss_curve(), parts.loss_curve()));
  params.shuffle = true;
  params.batch_size = 10;
  MLPClassifier whole_shuffled(params), parts_shuffled(params);
  whole_shuffled.fit(iris().x, iris().y);
  parts_shuffled.partial_fit(iris().x, iris().y, iris().y).partial_fit(iris().x, iris().y);
  EXPECT_EQ(whole_shuffled.loss_curve()[0], parts_shuffled.loss_curve()[0]);
  EXPECT_NE(whole_shuffled.loss_curve()[1], parts_shuffled.loss_curve()[1]);
}

// ---- early stopping -----------------------------------------------------------------------------

/// The weights at the end are those of the best epoch: trained only so far, they are the same.
TEST(MLPClassifier, EarlyStoppingRestoresTheBestEpoch) {
  const test::Json& one = test::golden_case("fits", "adam_early_stopping_iris");
  MLPClassifier model;
  test::set_all(model, one.at("params"));
  model.fit(iris().x, iris().y);
  const auto& scores = *model.validation_scores();
  const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin() + 1;
  ASSERT_LT(best, model.n_iter());
  MLPClassifier until_best;
  test::set_all(until_best, one.at("params"));
  until_best.set("max_iter", static_cast<std::int64_t>(best)).fit(iris().x, iris().y);
  EXPECT_EQ(model.coefs(), until_best.coefs());
  EXPECT_EQ(model.intercepts(), until_best.intercepts());
  EXPECT_EQ(model.best_validation_score(), *std::max_element(scores.begin(), scores.end()));
}

/// The only class is what it predicts, whatever the probability.
TEST(MLPClassifier, OneClassIsHeldOutWithoutAMistake) {
  MLPClassifier model(
      {.hidden_layer_sizes = {3}, .max_iter = 5, .random_state = 0, .early_stopping = true});
  const std::vector<std::string> labels(150, "a");
  model.fit(iris().x, labels);
  EXPECT_EQ(*model.validation_scores(),
            std::vector<double>(model.validation_scores()->size(), 1.0));
  EXPECT_EQ(model.score(iris().x, labels), 1.0);
}

/// As many steps as the losses of one fit, not of all.
TEST(MLPClassifier, TheLossCurveGoesOnWithPartialFit) {
  MLPClassifier model(quick());
  std::vector<double> losses;
  for (int n = 1; n <= 20; ++n) {
    model.partial_fit(iris().x, iris().y, iris().y);
    losses.push_back(model.loss());
    EXPECT_EQ(model.loss_curve(), losses);
    EXPECT_EQ(model.loss_curve(losses.size() - 1), std::vector<double>{model.loss()});
  }
}

// ---- mistakes -----------------------------------------------------------------------------------

TEST(MLPClassifier, BadInputIsRefusedBeforeAnyWork) {
  MLPClassifier model(quick());
  Matrix<double> holes = iris().x;
  holes(3, 1) = std::nan("");
  EXPECT_THROW_WITH(model.fit(holes, iris().y), std::invalid_argument, "Input X contains NaN");
  EXPECT_THROW_WITH(model.fit(Matrix<double>(0, 4), std::vector<int>{}), std::invalid_argument,
                    "Found array with 0 sample(s)");
  EXPECT_THROW_WITH(model.fit(iris().x, std::vector<int>(149)), std::invalid_argument,
                    "inconsistent numbers of samples: [150, 149]");
  EXPECT_THROW_WITH(model.fit(iris().x, std::vector<double>(150, 0.5)), std::invalid_argument,
                    "Unknown label type: continuous.");
  Matrix<double> indicator(150, 2, std::vector<double>(300, 1.0));
  for (const double bad : {HUGE_VAL, -HUGE_VAL, std::nan("")}) {
    indicator(7, 1) = bad;
    const std::string what = std::isnan(bad) ? "NaN" : "infinity";
    for (const Target& y : {Target(indicator), Target::multilabel(indicator)}) {
      EXPECT_THROW_WITH(model.fit(iris().x, y), std::invalid_argument,
                        "Input y contains " + what + ": sample 7");
    }
  }
  EXPECT_THROW_WITH(model.fit(iris().x, Matrix<double>(150, 2, std::vector<double>(300, 0.5))),
                    std::invalid_argument,
                    "Multioutput target data is not supported with label binarization");
  std::vector<double> y(150, 1.0);
  y[7] = std::nan("");
  EXPECT_THROW_WITH(model.fit(iris().x, y), std::invalid_argument, "Input y contains NaN");
  const std::vector<double> zeros(150, 0.0), short_weights(3, 1.0);
  EXPECT_THROW_WITH(model.fit(iris().x, iris().y, {.sample_weight = zeros}), std::invalid_argument,
                    "Sample weights must contain at least one non-zero number.");
  EXPECT_THROW_WITH(model.fit(iris().x, iris().y, {.sample_weight = short_weights}),
                    std::invalid_argument, "sample_weight.shape == (3,), expected (150,)!");
  EXPECT_FALSE(model.is_fitted());
}

/// Parameters come first, then samples, then labels, then weights (spec 2.15).
TEST(MLPClassifier, OrderOfTheChecks) {
  auto params = quick();
  params.alpha = -1;
  MLPClassifier model(params);
  const Matrix<double> empty(0, 1);
  const std::vector<double> bad_weights(3);
  EXPECT_THROW_WITH(model.fit(empty, std::vector<double>{0.5}, {.sample_weight = bad_weights}),
                    std::invalid_argument, "'alpha'");
  model.set("alpha", 0.0);
  EXPECT_THROW_WITH(model.fit(empty, std::vector<double>{0.5}, {.sample_weight = bad_weights}),
                    std::invalid_argument, "0 sample(s)");
  const Matrix<double> one(1, 1);
  EXPECT_THROW_WITH(model.fit(one, std::vector<double>{0.5}, {.sample_weight = bad_weights}),
                    std::invalid_argument, "Unknown label type");
  EXPECT_THROW_WITH(model.fit(one, std::vector<int>{1}, {.sample_weight = bad_weights}),
                    std::invalid_argument, "sample_weight");
}

/// A fit that is refused leaves a fitted model as it was.
TEST(MLPClassifier, ARefusedFitLosesNothing) {
  MLPClassifier model(quick());
  model.fit(iris().x, iris_names());
  const auto before = model.predict(iris().x).as_strings();
  const std::vector<double> short_weights(3, 1.0);
  const Strings few_names{"a"};
  std::vector<int> two(150, 0);
  two[0] = 1;
  EXPECT_THROW(model.fit(iris().x, two, {.sample_weight = short_weights}), std::invalid_argument);
  EXPECT_EQ(n_classes(model.classes()), 3u);
  EXPECT_EQ(model.predict(iris().x).as_strings(), before);
  EXPECT_THROW(model.fit(iris().x, two, {.feature_names = few_names}), std::invalid_argument);
  EXPECT_EQ(n_classes(model.classes()), 3u);
  EXPECT_EQ(model.predict(iris().x).as_strings(), before);
}

TEST(MLPClassifier, AFitThatFailsMidwayLosesNothing) {
  MLPClassifier model(quick());
  model.fit(iris().x, iris_names());
  const auto before = model.predict_proba(iris().x);
  model.set("early_stopping", true);
  std::vector<int> lonely(150, 0);
  lonely[5] = 1;
  EXPECT_THROW(model.fit(iris().x, lonely), std::invalid_argument);
  model.set("early_stopping", false).set("solver", std::string("sgd"));
  model.set("learning_rate_init", 1e300);
  EXPECT_THROW(model.fit(iris().x, lonely), DivergenceError);
  EXPECT_EQ(model.predict_proba(iris().x), before);
  EXPECT_EQ(n_classes(model.classes()), 3u);
}

TEST(MLPClassifier, OneLabelAndSeveralLabelsDoNotMix) {
  Matrix<int> labels(150, 3);
  labels(1, 1) = 1;
  auto params = quick();
  params.warm_start = true;
  MLPClassifier model(params);
  model.fit(iris().x, iris().y);
  EXPECT_THROW_WITH(model.partial_fit(iris().x, labels), std::invalid_argument,
                    "`y` has several labels a sample, unlike in the last call");
  EXPECT_THROW(model.fit(iris().x, labels), std::invalid_argument);
  EXPECT_EQ(model.predict(iris().x).type(), TargetType::multiclass);
  MLPClassifier several(params);
  several.partial_fit(iris().x, labels);
  EXPECT_THROW_WITH(several.partial_fit(iris().x, iris().y), std::invalid_argument,
                    "`y` has one label a sample, unlike in the last call");
}

TEST(MLPClassifier, ClassesMustBeLabels) {
  MLPClassifier model(quick());
  EXPECT_THROW_WITH(model.partial_fit(iris().x, iris().y, Target(std::vector<double>{0.5, 1})),
                    std::invalid_argument, "Unknown label type");
}

TEST(MLPClassifier, EarlyStoppingOfTwoClassesNeedsTwoOfEach) {
  auto params = quick();
  params.early_stopping = true;
  std::vector<int> y(150, 0);
  y[5] = 1;
  EXPECT_THROW_WITH(MLPClassifier(params).fit(iris().x, y), std::invalid_argument,
                    "The least populated classes in y have only 1 member");
}

TEST(MLPClassifier, ACloneIsUnfittedWithTheSameParameters) {
  MLPClassifier model(quick());
  model.set("alpha", 0.5).set("solver", std::string("sgd"));
  model.fit(iris().x, iris().y);
  const auto copy = model.clone();
  EXPECT_EQ(copy->parameters(), model.parameters());
  EXPECT_EQ(copy->name(), "MLPClassifier");
  EXPECT_THROW(copy->predict(iris().x), NotFittedError);
}

// ---- given weights ------------------------------------------------------------------------------

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
