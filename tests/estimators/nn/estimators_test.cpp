#include <skarma/estimators/nn/estimators.hpp>

#include <atomic>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/metrics/metrics.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma::nn {
namespace {

constexpr std::size_t kRows = 120;

/// Words for which of three columns is the largest.
struct Words {
  Matrix<double> x = test::random_matrix<double>(kRows, 5, 3);
  std::vector<std::string> y{};
  Words() {
    const std::string names[] = {"red", "green", "blue"};
    for (std::size_t i = 0; i < kRows; ++i) {
      std::size_t largest = 0;
      for (std::size_t j = 1; j < 3; ++j) largest = x(i, j) > x(i, largest) ? j : largest;
      y.push_back(names[largest]);
    }
  }
};

Sequential built(std::size_t units, std::size_t outputs, std::string_view last,
                 std::string_view loss) {
  Sequential model({Dense(units, "relu"), Dense(outputs, last)}, RandomSeed(1), false);
  model.compile({.learning_rate = 0.05}, loss);
  return model;
}

Sequential of_three(const BuildParameters& given) {
  return built(static_cast<std::size_t>(given.whole("units")), 3, "softmax",
               "sparse_categorical_crossentropy");
}

Classifier classifier(BuildFunction build = of_three) {
  Classifier result(std::move(build), {{"units", std::int64_t{8}}});
  result.set("epochs", std::int64_t{30});
  return result;
}

TEST(Classifier, IsItsNetworkOnCodes) {
  const Words words;
  Classifier estimator = classifier();
  estimator.fit(words.x, words.y);
  EXPECT_EQ(*estimator.class_labels(), Classes(std::vector<std::string>{"blue", "green", "red"}));
  Sequential alone = of_three(BuildParameters({{"units", std::int64_t{8}}}));
  alone.build({5});
  const Target codes(words.y);
  alone.fit(words.x, std::span(codes.codes()), {.epochs = 30});
  EXPECT_EQ(estimator.model().weights(), alone.weights());
  EXPECT_EQ(estimator.history().loss.size(), 30u);
  const Matrix<double> outputs = alone.predict(words.x);
  const Matrix<double> probabilities = estimator.predict_proba(words.x);
  EXPECT_EQ(outputs.values(), probabilities.values());
  EXPECT_EQ(estimator.score(words.x, words.y), accuracy_score(words.y, estimator.predict(words.x)));
  EXPECT_GT(estimator.score(words.x, words.y), 0.9);
}

TEST(Classifier, TakesWhatTheLossWants) {
  const Words words;
  std::vector<int> is_red;
  for (const std::string& y : words.y) is_red.push_back(y == "red" ? 7 : -7);
  struct Case {
    std::size_t outputs;
    std::string last, loss;
    bool of_two;
  };
  for (const auto& [outputs, last, loss, of_two] :
       {Case{3, "softmax", "categorical_crossentropy", false},
        {1, "sigmoid", "binary_crossentropy", true},
        {1, "linear", "mean_squared_error", true},
        {1, "linear", "binary_squared_hinge", true}}) {
    Classifier estimator =
        classifier([&, outputs = outputs, last = last, loss = loss](const BuildParameters& given) {
          return built(static_cast<std::size_t>(given.whole("units")), outputs, last, loss);
        });
    const Target y = of_two ? Target(is_red) : Target(words.y);
    estimator.fit(words.x, y);
    EXPECT_GT(estimator.score(words.x, y), 0.9) << loss;
    if (last == "linear") {
      EXPECT_THROW(estimator.predict_proba(words.x), std::invalid_argument);
      continue;
    }
    const Matrix<double> probabilities = estimator.predict_proba(words.x);
    EXPECT_EQ(probabilities.cols(), of_two ? 2u : 3u);
    EXPECT_NEAR(probabilities(0, 0) + probabilities(0, 1) + (of_two ? 0.0 : probabilities(0, 2)),
                1.0, 1e-12);
  }
}

TEST(Classifier, IsJudgedOnOtherSamplesWhileItTrains) {
  const Words words;
  Classifier estimator = classifier();
  estimator.fit(words.x, words.y, {.validation = ValidationData{words.x, Target(words.y)}});
  const HistoryTable history = estimator.history();
  ASSERT_EQ(history.validation_score.size(), 30u);
  EXPECT_EQ(history.validation_score.back(), estimator.score(words.x, words.y));
}

TEST(Classifier, SearchesNatively) {
  const Words words;
  std::atomic<int> n_built = 0;
  const Classifier estimator = classifier([&](const BuildParameters& given) {
    ++n_built;
    return of_three(given);
  });
  const ParameterGrid grid{{{"units", {2, 8}}, {"epochs", {1, 20}}}};
  std::vector<double> scores[2];
  for (const int n_jobs : {1, 3}) {
    n_built = 0;
    GridSearchCV search(estimator, grid, {.cv = 3, .n_jobs = n_jobs});
    search.fit(words.x, words.y);
    EXPECT_EQ(n_built, 4 * 3 + 1);
    const ParamSet best{{"epochs", std::int64_t{20}}, {"units", std::int64_t{8}}};
    EXPECT_EQ(search.best_params(), best);
    EXPECT_GT(search.best_estimator().score(words.x, words.y), 0.85);
    for (const char* column : {"split0_test_score", "split1_test_score", "split2_test_score"}) {
      const auto& numbers = search.cv_results().numbers(column);
      scores[n_jobs == 3].insert(scores[n_jobs == 3].end(), numbers.begin(), numbers.end());
    }
  }
  EXPECT_EQ(scores[0], scores[1]);
}

TEST(Classifier, IsTheLastStepOfAPipeline) {
  const Words words;
  Pipeline pipeline = make_pipeline(StandardScaler(), classifier());
  pipeline.set("classifier__epochs", std::int64_t{20});
  pipeline.fit(words.x, words.y);
  EXPECT_GT(pipeline.score(words.x, words.y), 0.85);
}

TEST(Classifier, AFitThatFailsLeavesTheLastOne) {
  const Words words;
  Classifier estimator = classifier();
  estimator.fit(words.x, words.y);
  const auto before = estimator.model().weights();
  std::vector<std::string> four = words.y;
  four[0] = "yellow";
  EXPECT_THROW(estimator.fit(words.x, four), std::invalid_argument);
  EXPECT_EQ(estimator.model().weights(), before);
  EXPECT_EQ(n_classes(*estimator.class_labels()), 3u);
  const auto copy = estimator.clone();
  EXPECT_EQ(copy->parameters(), estimator.parameters());
  EXPECT_THROW(copy->predict(words.x), NotFittedError);
}

TEST(Regressor, IsItsNetwork) {
  const Matrix<double> x = test::random_matrix<double>(80, 3, 9);
  Matrix<double> y(80, 2);
  for (std::size_t i = 0; i < 80; ++i) {
    y(i, 0) = 2 * x(i, 0) - x(i, 1);
    y(i, 1) = x(i, 2) + 1;
  }
  Regressor estimator([](const BuildParameters&) {
    Sequential model({Dense(2)}, RandomSeed(2), false);
    model.compile({.name = "sgd", .learning_rate = 0.1}, "mean_squared_error");
    return model;
  });
  estimator.set("epochs", std::int64_t{60}).set("batch_size", std::int64_t{16});
  estimator.fit(x, y);
  EXPECT_GT(estimator.score(x, y), 0.999);
  EXPECT_EQ(estimator.predict(x).n_outputs(), 2u);
  EXPECT_THROW(estimator.predict_proba(x), std::invalid_argument);
  GridSearchCV search(estimator, ParameterGrid{{{"epochs", {1, 60}}}}, {.cv = 4});
  EXPECT_EQ(search.fit(x, y).best_index(), 1u);
}

void expect_refusal(const std::function<void()>& call, const std::string& message) {
  try {
    call();
    ADD_FAILURE() << "Nothing was thrown instead of: " << message;
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(error.what(), message);
  }
}

TEST(Classifier, RefusesWhatIsWrong) {
  const Words words;
  Classifier estimator = classifier();
  expect_refusal([&] { estimator.set("unit", std::int64_t{3}); },
                 "Invalid parameter 'unit' for estimator Classifier. Did you mean 'units'?");
  expect_refusal([&] { estimator.set("epochs", 1.5); },
                 "The parameter 'epochs' must be a whole number. Got 1.5 instead.");
  expect_refusal([&] { Classifier(estimator).set("batch_size", std::int64_t{0}).validate(); },
                 "The parameter 'batch_size' must be a whole number from 1 on. Got 0 instead.");
  expect_refusal([&] { Classifier(estimator).set("units", "many").fit(words.x, words.y); },
                 "The parameter 'units' must be a whole number. Got 'many' instead.");
  expect_refusal(
      [&] {
        Classifier(of_three, {{"device", std::string("cpu")}});
      },
      "The network must not have a parameter 'device': that is of the fit.");
  expect_refusal([&] { Classifier(BuildFunction{}); },
                 "There is no function that builds the network.");
  expect_refusal(
      [&] {
        Classifier([](const BuildParameters&) {
          return Sequential({Dense(3, "softmax")});
        }).fit(words.x, words.y);
      },
      "The function that builds the network must compile it, too.");
  expect_refusal([&] { estimator.fit(words.x, Target(std::vector<int>(kRows, 1))); },
                 "There are 1 classes and 3 outputs.");
  expect_refusal(
      [&] {
        classifier([](const BuildParameters&) {
          return built(4, 3, "linear", "mse");
        }).fit(words.x, words.y);
      },
      "The loss 'mse' of several outputs is none of classes.");
  const BuildParameters given({{"a", 0.5}, {"b", true}, {"c", std::string("relu")}, {"d", {}}});
  EXPECT_EQ(given.real("a"), 0.5);
  EXPECT_TRUE(given.flag("b"));
  EXPECT_EQ(given.text("c"), "relu");
  expect_refusal([&] { given.real("e"); }, "The network has no parameter 'e'.");
  expect_refusal([&] { given.flag("d"); },
                 "The parameter 'd' must be True or False. Got None instead.");
}

}  // namespace
}  // namespace skarma::nn
