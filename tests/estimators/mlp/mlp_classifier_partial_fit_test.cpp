// partial_fit and warm_start of a classifier.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/tests/support/classifiers.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::iris;
using test::same_bits;

TEST(MLPClassifier, WarmStartWantsTheSameClasses) {
  auto params = test::quick_classifier();
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
  MLPClassifier model(test::quick_classifier());
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
  MLPClassifier model(test::quick_classifier());
  model.partial_fit(SampleView(iris().x).rows(first_class), iris().y.rows(first_class), iris().y);
  EXPECT_EQ(model.n_outputs(), 3u);
}

TEST(MLPClassifier, PartialFitIsNotForLbfgsNorEarlyStopping) {
  auto params = test::quick_classifier();
  params.solver = "lbfgs";
  EXPECT_THROW_WITH(MLPClassifier(params).partial_fit(iris().x, iris().y, iris().y),
                    std::invalid_argument, "partial_fit is only available for stochastic");
  params = test::quick_classifier();
  params.early_stopping = true;
  EXPECT_THROW_WITH(MLPClassifier(params).partial_fit(iris().x, iris().y, iris().y),
                    std::invalid_argument, "partial_fit does not support early_stopping=True");
}

/// Two calls are two epochs, shuffled alike: an int seed restarts the stream at each call.
TEST(MLPClassifier, TwoPartialFitsAreNotAFitOfTwoEpochs) {
  auto params = test::quick_classifier();
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

/// As many steps as the losses of one fit, not of all.
TEST(MLPClassifier, TheLossCurveGoesOnWithPartialFit) {
  MLPClassifier model(test::quick_classifier());
  std::vector<double> losses;
  for (int n = 1; n <= 20; ++n) {
    model.partial_fit(iris().x, iris().y, iris().y);
    losses.push_back(model.loss());
    EXPECT_EQ(model.loss_curve(), losses);
    EXPECT_EQ(model.loss_curve(losses.size() - 1), std::vector<double>{model.loss()});
  }
}

}  // namespace
}  // namespace skarma
