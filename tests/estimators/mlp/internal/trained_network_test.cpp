#include <skarma/estimators/mlp/internal/trained_network.hpp>

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden_data.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::same_bits;

std::vector<double> weights_of(const MLPBase& model) {
  std::vector<double> all;
  for (const auto& coef : model.coefs()) {
    all.insert(all.end(), coef.values().begin(), coef.values().end());
  }
  for (const auto& intercept : model.intercepts()) {
    all.insert(all.end(), intercept.begin(), intercept.end());
  }
  return all;
}

MLPClassifierParams short_run(std::string solver = "adam") {
  return {.hidden_layer_sizes = {4}, .solver = std::move(solver), .max_iter = 4, .random_state = 7};
}

class AnySolver : public ::testing::TestWithParam<std::string> {};

/// An int starts the same stream at each fit: nothing is left of the first one.
TEST_P(AnySolver, FittingAgainStartsAfresh) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier model(short_run(GetParam()));
  model.fit(data.x, data.y);
  const auto once = weights_of(model);
  const auto curve = model.loss_curve();
  model.fit(data.x, data.y);
  EXPECT_TRUE(same_bits(weights_of(model), once));
  EXPECT_EQ(model.loss_curve(), curve);
}

/// A generator is used in place: the second fit draws on from where the first one stopped.
TEST_P(AnySolver, AGeneratorIsAdvanced) {
  const auto data = test::golden_data_set("iris");
  const auto generator = std::make_shared<RandomState>(7);
  auto params = short_run(GetParam());
  params.random_state = generator;
  MLPClassifier model(params), seeded(short_run(GetParam()));
  model.fit(data.x, data.y);
  seeded.fit(data.x, data.y);
  EXPECT_TRUE(same_bits(weights_of(model), weights_of(seeded)));
  model.fit(data.x, data.y);
  EXPECT_NE(weights_of(model), weights_of(seeded));
}

/// A clone takes a copy of the generator with its state; the original is left alone.
TEST_P(AnySolver, AClonesGeneratorIsACopy) {
  const auto data = test::golden_data_set("iris");
  const auto generator = std::make_shared<RandomState>(7);
  const auto state = generator->state();
  auto params = short_run(GetParam());
  params.random_state = generator;
  const MLPClassifier model(params);
  const auto first = model.clone(), second = model.clone();
  first->fit(data.x, data.y);
  second->fit(data.x, data.y);
  EXPECT_EQ(generator->state(), state);
  EXPECT_TRUE(same_bits(weights_of(dynamic_cast<MLPBase&>(*first)),
                        weights_of(dynamic_cast<MLPBase&>(*second))));
}

using NameList = std::vector<std::string>;

MLPClassifierParams with_activation(ActivationNames activation, const std::string& solver) {
  auto params = short_run(solver);
  params.hidden_layer_sizes = {6, 4};
  params.activation = std::move(activation);
  return params;
}

TEST_P(AnySolver, AListOfEqualActivationsIsThatActivation) {
  const auto data = test::golden_data_set("iris");
  const Matrix<float> narrow = test::rounded_to_float(data.x);
  for (const char* device : {"cpu", "reference"}) {
    for (const bool early_stopping : {false, true}) {
      for (const SampleView& x : {SampleView(data.x), SampleView(narrow)}) {
        const auto weights = [&](ActivationNames activation) {
          auto params = with_activation(std::move(activation), GetParam());
          params.device = device;
          params.early_stopping = early_stopping;
          MLPClassifier model(params);
          model.fit(x, data.y);
          return weights_of(model);
        };
        EXPECT_TRUE(same_bits(weights(NameList{"logistic", "logistic"}), weights("logistic")));
        for (const char* one : {"tanh", "relu"}) {
          EXPECT_NE(weights(NameList{"tanh", "relu"}), weights(one));
        }
      }
    }
  }
}

TEST_P(AnySolver, AListTrainsAsOnTheReference) {
  const auto data = test::golden_data_set("iris");
  auto params = with_activation(NameList{"silu", "tanh"}, GetParam());
  MLPClassifier fast(params);
  params.device = "reference";
  MLPClassifier plain(params);
  fast.fit(data.x, data.y);
  plain.fit(data.x, data.y);
  const auto expected = weights_of(plain), found = weights_of(fast);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-7);
}

TEST_P(AnySolver, TheObserverSeesIterationsAndMayEndTheFit) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier model(short_run(GetParam()));
  std::vector<int> seen;
  FitOptions options;
  options.control.observer = [&](const EpochReport& report) {
    seen.push_back(report.n_iter);
    EXPECT_TRUE(std::isfinite(report.loss));
    return report.n_iter < 2;
  };
  model.fit(data.x, data.y, options);
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
  EXPECT_EQ(model.n_iter(), 2);
  EXPECT_EQ(model.stop_reason(), StopReason::interrupted);
  EXPECT_NO_THROW(model.predict(data.x));
}

TEST_P(AnySolver, AStopRequestEndsTheFitWithWhatThereIs) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier model(short_run(GetParam()));
  std::stop_source source;
  FitOptions options;
  options.control.stop = source.get_token();
  source.request_stop();
  model.fit(data.x, data.y, options);
  EXPECT_EQ(model.n_iter(), 0);
  EXPECT_EQ(model.stop_reason(), StopReason::interrupted);
  EXPECT_NO_THROW(model.predict(data.x));
}

TEST_P(AnySolver, BeingWatchedChangesNothing) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier alone(short_run(GetParam())), watched(short_run(GetParam()));
  alone.fit(data.x, data.y);
  std::stop_source source;
  FitOptions options;
  options.control = {source.get_token(), [](const EpochReport&) { return true; }};
  watched.fit(data.x, data.y, options);
  EXPECT_TRUE(same_bits(weights_of(alone), weights_of(watched)));
}

INSTANTIATE_TEST_SUITE_P(Solvers, AnySolver,
                         ::testing::Values("lbfgs", "sgd", "adam", "rmsprop", "adamw", "adagrad",
                                           "adadelta", "amsgrad", "nadam", "lion", "rprop", "gd"),
                         [](const auto& one) { return one.param; });

TEST(TrainedNetwork, WeightDecayReachesTheSolver) {
  const auto data = test::golden_data_set("iris");
  const auto sum_of_squares = [&](double weight_decay) {
    auto params = short_run("adamw");
    params.learning_rate_init = 0.1;
    params.weight_decay = weight_decay;
    MLPClassifier model(params);
    model.fit(data.x, data.y);
    const auto w = weights_of(model);
    return std::inner_product(w.begin(), w.end(), w.begin(), 0.0);
  };
  EXPECT_LT(sum_of_squares(5.0), 0.5 * sum_of_squares(0.0));
}

TEST(TrainedNetwork, OnlySgdHasSchedules) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier constant(short_run("adam")), scheduled(short_run("adam"));
  constant.fit(data.x, data.y);
  scheduled.set("learning_rate", std::string("invscaling")).fit(data.x, data.y);
  EXPECT_TRUE(same_bits(weights_of(constant), weights_of(scheduled)));
}

TEST(TrainedNetwork, DivergenceIsAnErrorWithAdvice) {
  const auto data = test::golden_data_set("breast_cancer");
  auto params = short_run("sgd");
  params.learning_rate_init = 1e300;
  MLPClassifier model(params);
  const std::string text = test::message_of<DivergenceError>([&] { model.fit(data.x, data.y); });
  EXPECT_TRUE(test::contains(text,
                             "Solver produced non-finite parameter weights. The input data may "
                             "contain large values and need to be preprocessed."))
      << text;
  EXPECT_TRUE(test::contains(text, "learning_rate_init = 1e+300")) << text;
  EXPECT_TRUE(test::contains(text, "largest feature value is 4.25e+03")) << text;
}

/// Spec 2.8: a NaN loss is no divergence; only the parameters count.
TEST(TrainedNetwork, ANaNLossAloneIsNoError) {
  const Matrix<double> x = test::golden_data_set("iris").x;
  std::vector<double> y(150, 1.0);
  y[3] = -1.0;  // poisson of a negative target: NaN
  MLPRegressor model({.loss = "poisson", .hidden_layer_sizes = {3}, .max_iter = 25});
  model.fit(x, y);
  EXPECT_TRUE(std::isnan(model.loss()));
  EXPECT_EQ(model.n_iter(), 25);  // the stall count is reset each epoch
  EXPECT_EQ(model.stop_reason(), StopReason::max_iter);
}

TEST(TrainedNetwork, WarmStartRefusesAnotherArchitecture) {
  const auto data = test::golden_data_set("iris");
  auto params = short_run();
  params.warm_start = true;
  MLPClassifier model(params);
  model.fit(data.x, data.y);
  for (const auto& [name, value] :
       ParamSet{{"hidden_layer_sizes", std::int64_t{5}}, {"activation", std::string("tanh")}}) {
    MLPClassifier changed = model;
    changed.set(name, value);
    EXPECT_THROW_WITH(changed.fit(data.x, data.y), std::invalid_argument,
                      "cannot go on training with another architecture");
  }
  MLPClassifier stopping = model;
  stopping.set("early_stopping", true);
  EXPECT_THROW_WITH(stopping.fit(data.x, data.y), std::invalid_argument,
                    "after a change of 'solver' from lbfgs or lm or of 'early_stopping'");
}

TEST(TrainedNetwork, WarmStartRefusesAnotherListOfActivations) {
  const auto data = test::golden_data_set("iris");
  auto params = with_activation(NameList{"relu", "tanh"}, "adam");
  params.warm_start = true;
  MLPClassifier model(params);
  model.fit(data.x, data.y);
  EXPECT_NO_THROW(model.fit(data.x, data.y));
  model.set("activation", NameList{"tanh", "relu"});
  EXPECT_THROW_WITH(model.fit(data.x, data.y), std::invalid_argument,
                    "it has layers of [4, 6, 4, 3] units (relu, tanh, softmax output), now [4, 6, "
                    "4, 3] (tanh, relu, softmax output) are asked for.");
}

/// Spec 2.10: every fit makes a new optimiser, even with warm_start; partial_fit keeps its own.
TEST(TrainedNetwork, PartialFitKeepsTheOptimiserAndWarmStartDoesNot) {
  const auto data = test::golden_data_set("iris");
  auto params = short_run();
  params.max_iter = 1;
  params.shuffle = false;
  params.warm_start = true;
  MLPClassifier warm(params), partial(params);
  warm.fit(data.x, data.y).fit(data.x, data.y);
  partial.fit(data.x, data.y).partial_fit(data.x, data.y);
  EXPECT_NE(weights_of(warm), weights_of(partial));
  // A change of the rate reaches a warm start, but not an optimiser that lives on.
  MLPClassifier first(params), second(params);
  first.partial_fit(data.x, data.y, data.y);
  second.partial_fit(data.x, data.y, data.y);
  second.set("learning_rate_init", 0.5);
  first.partial_fit(data.x, data.y);
  second.partial_fit(data.x, data.y);
  EXPECT_TRUE(same_bits(weights_of(first), weights_of(second)));
}

/// Spec 2.13: lbfgs leaves float64 weights even where it trained float32.
TEST(TrainedNetwork, DtypeOfTheResult) {
  const auto data = test::golden_data_set("iris");
  const Matrix<float> x = test::rounded_to_float(data.x);
  MLPClassifier adam(short_run("adam")), lbfgs(short_run("lbfgs"));
  adam.fit(x, data.y);
  lbfgs.fit(x, data.y);
  EXPECT_TRUE(adam.predicts_float32());
  EXPECT_FALSE(lbfgs.predicts_float32());
  bool all_floats = true, none_finer = true;
  for (const double w : weights_of(adam)) all_floats &= w == static_cast<float>(w);
  for (const double w : weights_of(lbfgs)) none_finer &= w == static_cast<float>(w);
  EXPECT_TRUE(all_floats);
  EXPECT_FALSE(none_finer);
}

TEST(TrainedNetwork, AValidationSetOfOneRowIsTooSmall) {
  const auto data = test::golden_data_set("iris");
  auto params = short_run();
  params.early_stopping = true;
  params.validation_fraction = 0.001;
  MLPClassifier model(params);
  EXPECT_THROW_WITH(model.fit(data.x, data.y), std::invalid_argument,
                    "The validation set is too small. Increase 'validation_fraction' or the size "
                    "of your dataset.");
  model.set("validation_fraction", 0.0);  // passes validation, fails in the split
  EXPECT_NO_THROW(model.validate());
  EXPECT_THROW_WITH(model.fit(data.x, data.y), std::invalid_argument, "test_size=0.0 should be");
}

TEST(TrainedNetwork, WeightsThatSumToZeroInABatch) {
  const auto data = test::golden_data_set("iris");
  auto params = short_run();
  params.shuffle = false;
  params.batch_size = 50;
  std::vector<double> weights(150, 1.0);
  std::fill(weights.begin() + 50, weights.begin() + 100, 0.0);
  MLPClassifier model(params);
  EXPECT_THROW_WITH(model.fit(data.x, data.y, {.sample_weight = weights}), std::domain_error,
                    "Weights sum to zero, can't be normalized");
}

/// A batch size beyond the samples is clipped: one batch of all of them.
TEST(TrainedNetwork, BatchesAreClippedToTheSamples) {
  const auto data = test::golden_data_set("iris");
  auto params = short_run();
  params.batch_size = 100000;
  MLPClassifier clipped(params);
  params.batch_size = 150;
  MLPClassifier whole(params);
  clipped.fit(data.x, data.y);
  whole.fit(data.x, data.y);
  EXPECT_TRUE(same_bits(weights_of(clipped), weights_of(whole)));
}

}  // namespace
}  // namespace skarma
