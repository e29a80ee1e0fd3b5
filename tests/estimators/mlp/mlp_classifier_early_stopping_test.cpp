// The samples that a classifier holds out, and what their score does.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/tests/support/classifiers.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

using test::iris;

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

/// One sample of each class is held out: a weight of -1 cancels the other one's where it is held
/// out.
TEST(MLPClassifier, HeldOutWeightsThatCancelAreNoAverage) {
  const auto x = test::random_matrix(20, 3, 1);
  std::vector<int> y(20);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<int>(i % 2);
  auto params = test::quick_classifier();
  params.early_stopping = true;
  params.max_iter = 1;
  int n_held_out = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    std::vector<double> weights(20, 1.0);
    weights[i] = -1.0;
    try {
      MLPClassifier(params).fit(x, y, {.sample_weight = weights});
    } catch (const std::domain_error& error) {
      EXPECT_STREQ(error.what(), "Weights sum to zero, can't be normalized");
      ++n_held_out;
    }
  }
  EXPECT_EQ(n_held_out, 2);
}

TEST(MLPClassifier, EarlyStoppingOfTwoClassesNeedsTwoOfEach) {
  auto params = test::quick_classifier();
  params.early_stopping = true;
  std::vector<int> y(150, 0);
  y[5] = 1;
  EXPECT_THROW_WITH(MLPClassifier(params).fit(iris().x, y), std::invalid_argument,
                    "The least populated classes in y have only 1 member");
}

}  // namespace
}  // namespace skarma
