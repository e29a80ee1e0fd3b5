// Training under control, from C++: samples for validation, rows held out, the history, callbacks.
#include <cmath>

#include <gtest/gtest.h>

#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/metrics/scorer.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/tests/support/classifiers.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::iris;

/// Every second row of the data, from row `first` on.
std::vector<RowIndex> every_second(RowIndex first) {
  std::vector<RowIndex> rows;
  for (RowIndex i = first; i < 150; i += 2) rows.push_back(i);
  return rows;
}

struct Halves {
  std::vector<RowIndex> learn = every_second(0), held = every_second(1);
  Target all{iris().y};
  SampleView x = SampleView(iris().x).rows(learn);
  Target y = all.rows(learn);
  SampleView x_held = SampleView(iris().x).rows(held);
  Target y_held = all.rows(held);

  FitOptions options() const { return {.validation = ValidationData{x_held, y_held}}; }
};

MLPClassifierParams small(int max_iter) {
  return {.hidden_layer_sizes = {5},
          .learning_rate_init = 0.02,
          .max_iter = max_iter,
          .random_state = 1};
}

TEST(Control, GivenSamplesAreScoredAndChangeNothing) {
  const Halves halves;
  MLPClassifier alone(small(20)), watched(small(20));
  alone.fit(halves.x, halves.y);
  watched.fit(halves.x, halves.y, halves.options());
  EXPECT_EQ(watched.coefs(), alone.coefs());
  const HistoryTable table = watched.history();
  EXPECT_EQ(table.validation_score.back(), watched.score(halves.x_held, halves.y_held));
  EXPECT_NEAR(table.validation_loss.back(),
              -Scorer("neg_log_loss")(watched, halves.x_held, halves.y_held), 1e-12);
  EXPECT_EQ(table.loss, watched.loss_curve());
  EXPECT_EQ(watched.validation_loss_curve(), table.validation_loss);
  EXPECT_TRUE(alone.validation_loss_curve().empty());
}

TEST(Control, RowsThatAreHeldOutAreThoseOfTheCaller) {
  const Halves halves;
  MLPClassifierParams params = small(60);
  params.early_stopping = true;
  MLPClassifier by_rows(params), by_samples(params);
  by_rows.fit(iris().x, iris().y, {.holdout = TrainTest{halves.learn, halves.held}});
  by_samples.fit(halves.x, halves.y, halves.options());
  EXPECT_EQ(by_rows.coefs(), by_samples.coefs());
  EXPECT_EQ(by_rows.validation_scores(), by_samples.validation_scores());
  EXPECT_THROW_WITH(by_rows.fit(iris().x, iris().y, {.holdout = TrainTest{{0, 1}, {149, 150}}}),
                    std::invalid_argument, "must be some of the 150 samples");
}

TEST(Control, AMetricDecides) {
  const Halves halves;
  for (const char* metric : {"loss", "f1_macro"}) {
    MLPClassifierParams params = small(200);
    params.early_stopping = true;
    params.early_stopping_metric = metric;
    MLPClassifier model(params);
    model.fit(halves.x, halves.y, halves.options());
    const std::string scorer = std::string(metric) == "loss" ? "neg_log_loss" : metric;
    EXPECT_NEAR(*model.best_validation_score(), Scorer(scorer)(model, halves.x_held, halves.y_held),
                1e-12);
  }
  MLPClassifierParams params = small(3);
  params.early_stopping_metric = "r2";
  EXPECT_THROW_WITH(MLPClassifier(params).fit(halves.x, halves.y), std::invalid_argument,
                    "must be None, 'loss' or a scorer of labels. Got 'r2' instead.");
}

TEST(Control, WrongSamplesForValidationAreRefused) {
  const Halves halves;
  const auto fit = [&](const SampleView& x, const Target& y) {
    MLPClassifier(small(3)).fit(halves.x, halves.y, {.validation = ValidationData{x, y}});
  };
  const Matrix<double> narrow(75, 2), nan(75, 4, std::vector<double>(300, NAN));
  EXPECT_THROW_WITH(fit(narrow, halves.y_held), std::invalid_argument,
                    "X_val, y_val and sample_weight_val: ");
  EXPECT_THROW_WITH(fit(nan, halves.y_held), std::invalid_argument, "NaN");
  EXPECT_THROW_WITH(fit(halves.x_held, iris().y), std::invalid_argument, "[75, 150]");
  EXPECT_THROW_WITH(fit(halves.x_held, Target(std::vector<int>(75, 7))), std::invalid_argument,
                    "`y_val` has classes that `y` does not have. `y` has [0 1 2], `y_val` has [7]");
}

TEST(Control, AHistoryIsInTheFile) {
  const Halves halves;
  for (const char* solver : {"adam", "lbfgs"}) {
    MLPClassifierParams params = small(6);
    params.solver = solver;
    MLPClassifier model(params);
    model.fit(halves.x, halves.y, halves.options());
    const auto loaded = model_from_bytes(model_to_bytes(model));
    const HistoryTable ours = model.history();
    const HistoryTable theirs = dynamic_cast<const MLPClassifier&>(*loaded).history();
    EXPECT_EQ(theirs.loss, ours.loss);
    EXPECT_EQ(theirs.validation_loss, ours.validation_loss);
    EXPECT_EQ(theirs.seconds, ours.seconds);
    EXPECT_EQ(ours.loss.back(), model.loss());
  }
}

TEST(Control, EpochsOfPartialFitAreThoseOfAFit) {
  MLPRegressor whole({.hidden_layer_sizes = {4}, .max_iter = 5, .random_state = 0});
  MLPRegressor parts({.hidden_layer_sizes = {4}, .random_state = 0});
  const std::vector<int> labels = iris().y.as_ints();
  const std::vector<double> y(labels.begin(), labels.end());
  whole.fit(iris().x, y);
  parts.partial_fit(iris().x, y, {.n_epochs = 5});
  EXPECT_EQ(parts.coefs(), whole.coefs());
  EXPECT_THROW_WITH(parts.partial_fit(iris().x, y, {.n_epochs = 0}), std::invalid_argument,
                    "n_epochs must be an int of at least 1. Got 0 instead.");
}

TEST(Control, DerivativesAndSummaryAreOfTheFittedNetwork) {
  MLPClassifier model(small(5));
  EXPECT_THROW(model.summary(), NotFittedError);
  EXPECT_THROW(model.input_gradient(iris().x, iris().y), NotFittedError);
  model.fit(iris().x, iris().y);
  EXPECT_EQ(model.summary().n_parameters, 4U * 5 + 5 + 5 * 3 + 3);
  EXPECT_EQ(model.input_gradient(iris().x, iris().y).rows(), 150U);
  EXPECT_THROW_WITH(model.input_gradient(iris().x, std::vector<int>(150, 9)), std::invalid_argument,
                    "The labels must be among [0 1 2], which were learnt.");
  EXPECT_THROW_WITH(model.integrated_gradients(iris().x, {}, std::vector<double>{1.0}),
                    std::invalid_argument, "The baseline has 1 numbers for 4 features.");
}

}  // namespace
}  // namespace skarma
