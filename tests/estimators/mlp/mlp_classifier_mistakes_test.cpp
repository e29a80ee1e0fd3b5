// What a classifier refuses, and what it is after that.
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/tests/support/classifiers.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::iris;

TEST(MLPClassifier, BadInputIsRefusedBeforeAnyWork) {
  MLPClassifier model(test::quick_classifier());
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
  auto params = test::quick_classifier();
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
  MLPClassifier model(test::quick_classifier());
  model.fit(iris().x, test::iris_names());
  const auto before = model.predict(iris().x).as_strings();
  const std::vector<double> short_weights(3, 1.0);
  const std::vector<std::string> few_names{"a"};
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
  MLPClassifier model(test::quick_classifier());
  model.fit(iris().x, test::iris_names());
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
  auto params = test::quick_classifier();
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
  MLPClassifier model(test::quick_classifier());
  EXPECT_THROW_WITH(model.partial_fit(iris().x, iris().y, Target(std::vector<double>{0.5, 1})),
                    std::invalid_argument, "Unknown label type");
}

}  // namespace
}  // namespace skarma
