#include <skarma/estimators/mlp/internal/output_scorer.hpp>

#include <gtest/gtest.h>

#include <skarma/estimators/metrics/scorer.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/tests/support/classifiers.hpp>

namespace skarma {
namespace {

using test::iris;

TEST(OutputScorer, IsWhatTheScorerSaysOfTheEstimator) {
  MLPClassifier model({.hidden_layer_sizes = {4}, .max_iter = 20, .random_state = 0});
  model.fit(iris().x, iris().y);
  const Target y = iris().y;
  const DecodedOutputs outputs{model.predict(iris().x), model.predict_proba(iris().x),
                               &model.classes()};
  const std::vector<double> weights(y.n_samples(), 2.0);
  for (const char* name : {"accuracy", "f1_macro", "neg_log_loss", "roc_auc_ovr"}) {
    EXPECT_EQ(score_outputs(name, outputs, y, {}), Scorer(name)(model, iris().x, y)) << name;
  }
  EXPECT_NEAR(score_outputs("neg_log_loss", outputs, y, weights),
              Scorer("neg_log_loss")(model, iris().x, y, weights), 1e-15);
}

TEST(OutputScorer, RegressorsHaveNoProbabilities) {
  const std::vector<double> truth = {1.0, 2.0, 4.0};
  const DecodedOutputs outputs{Target(std::vector<double>{1.5, 2.0, 4.0}), {}, nullptr};
  EXPECT_DOUBLE_EQ(score_outputs("neg_mean_absolute_error", outputs, truth, {}), -0.5 / 3.0);
}

}  // namespace
}  // namespace skarma
