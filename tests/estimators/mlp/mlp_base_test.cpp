#include <skarma/estimators/mlp/mlp_base.hpp>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/core/parallel/spare_threads.hpp>
#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/core/parallel/thread_team.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden_data.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

TEST(MLPBase, NothingIsThereBeforeFit) {
  const MLPRegressor model;
  EXPECT_FALSE(model.is_fitted());
  const std::string text =
      "This MLPRegressor instance is not fitted yet. Call 'fit' with appropriate arguments before "
      "using this estimator.";
  EXPECT_THROW_WITH(model.coefs(), NotFittedError, text);
  EXPECT_THROW_WITH(model.intercepts(), NotFittedError, text);
  EXPECT_THROW_WITH(model.loss(), NotFittedError, text);
  EXPECT_THROW_WITH(model.loss_curve(), NotFittedError, text);
  EXPECT_THROW_WITH(model.best_loss(), NotFittedError, text);
  EXPECT_THROW_WITH(model.validation_scores(), NotFittedError, text);
  EXPECT_THROW_WITH(model.best_validation_score(), NotFittedError, text);
  EXPECT_THROW_WITH(model.n_iter(), NotFittedError, text);
  EXPECT_THROW_WITH(model.n_evaluations(), NotFittedError, text);
  EXPECT_THROW_WITH(model.t(), NotFittedError, text);
  EXPECT_THROW_WITH(model.n_layers(), NotFittedError, text);
  EXPECT_THROW_WITH(model.n_outputs(), NotFittedError, text);
  EXPECT_THROW_WITH(model.out_activation(), NotFittedError, text);
  EXPECT_THROW_WITH(model.n_features_in(), NotFittedError, text);
  EXPECT_THROW_WITH(model.feature_names_in(), NotFittedError, text);
  EXPECT_THROW_WITH(model.stop_reason(), NotFittedError, text);
  EXPECT_THROW_WITH(model.predict(Matrix<double>(1, 1)), NotFittedError, text);
  EXPECT_THROW_WITH(MLPClassifier().classes(), NotFittedError, "This MLPClassifier instance");
  EXPECT_THROW_WITH(MLPClassifier().predict_proba(Matrix<double>(1, 1)), NotFittedError,
                    "This MLPClassifier instance");
}

TEST(MLPBase, ACopyIsFittedAndIndependent) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier model({.hidden_layer_sizes = {3}, .max_iter = 3, .random_state = 1});
  model.fit(data.x, data.y);
  const MLPClassifier copy = model;
  const auto before = copy.predict_proba(data.x);
  model.set("random_state", std::int64_t{2}).fit(data.x, data.y);
  EXPECT_TRUE(test::same_bits(copy.predict_proba(data.x).values(), before.values()));
  EXPECT_NE(model.predict_proba(data.x), before);
}

TEST(MLPBase, FeatureNamesAreKept) {
  const auto data = test::golden_data_set("iris");
  const std::vector<std::string> names{"a", "b", "c", "d"}, too_few{"a"};
  MLPClassifier model({.hidden_layer_sizes = {3}, .max_iter = 1});
  model.fit(data.x, data.y, {.feature_names = names});
  EXPECT_EQ(model.feature_names_in(), names);
  EXPECT_EQ(model.n_features_in(), 4u);
  model.fit(data.x, data.y);
  EXPECT_TRUE(model.feature_names_in().empty());
  EXPECT_THROW_WITH(model.fit(data.x, data.y, {.feature_names = too_few}), std::invalid_argument,
                    "There are 1 feature names for 4 features.");
}

TEST(MLPBase, FeaturesMayBeNamedLater) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier model({.hidden_layer_sizes = {3}, .max_iter = 1});
  EXPECT_THROW(model.set_feature_names({"a"}), NotFittedError);
  model.fit(data.x, data.y).set_feature_names({"a", "b", "c", "d"});
  EXPECT_EQ(model.feature_names_in()[3], "d");
  EXPECT_THROW_WITH(model.set_feature_names({"a"}), std::invalid_argument,
                    "There are 1 feature names for 4 features.");
}

TEST(MLPBase, PredictionsCheckTheirSamples) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier model({.hidden_layer_sizes = {3}, .max_iter = 1});
  model.fit(data.x, data.y);
  EXPECT_THROW_WITH(model.predict(Matrix<double>(2, 3)), std::invalid_argument,
                    "X has 3 features, but MLPClassifier is expecting 4 features as input.");
  EXPECT_THROW_WITH(model.predict(Matrix<double>(1, 4, {1, 2, std::nan(""), 4})),
                    std::invalid_argument, "Input X contains NaN");
  EXPECT_THROW_WITH(model.predict(Matrix<double>(0, 4)), std::invalid_argument,
                    "Found array with 0 sample(s)");
  EXPECT_THROW_WITH(model.score(data.x, std::vector<int>{1}), std::invalid_argument,
                    "inconsistent numbers of samples: [150, 1]");
}

TEST(MLPBase, PredictionsFollowParametersThatWerePutIn) {
  const Matrix<double> x(2, 1, {1, 2});
  MLPRegressor model({.hidden_layer_sizes = {}, .max_iter = 1, .random_state = 1});
  model.fit(x, std::vector{1.0, 2.0});
  model.set_packed_parameters(std::vector{3.0, 0.5});
  EXPECT_EQ(model.predict(x).as_doubles(), (std::vector{3.5, 6.5}));
  EXPECT_THROW_WITH(model.set_packed_parameters(std::vector{1.0}), std::invalid_argument,
                    "has 2 weights and biases, got 1");
  EXPECT_THROW(MLPRegressor().set_packed_parameters(std::vector{1.0}), NotFittedError);
  EXPECT_EQ(MLPRegressor({.hidden_layer_sizes = {}})
                .start_from(1, 1, std::vector{2.0, 1.0})
                .predict(x)
                .as_doubles(),
            (std::vector{3.0, 5.0}));
}

TEST(MLPBase, WarnsAsScikitLearnDoes) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier model({.hidden_layer_sizes = {3}, .max_iter = 2, .random_state = 1});
  model.fit(data.x, data.y);
  EXPECT_EQ(model.fit_warning(),
            "Stochastic Optimizer: Maximum iterations (2) reached and the optimization hasn't "
            "converged yet.");
  EXPECT_EQ(model.no_improvement_count(), 0);
  model.set("solver", std::string("lbfgs")).fit(data.x, data.y);
  EXPECT_EQ(model.fit_warning(),
            "lbfgs failed to converge after 2 iteration(s) (status=1):\n"
            "STOP: TOTAL NO. OF ITERATIONS REACHED LIMIT\n\n"
            "Increase the number of iterations to improve the convergence (max_iter=2).\n"
            "You might also want to scale the data as shown in:\n"
            "    https://scikit-learn.org/stable/modules/preprocessing.html");
  model.set("max_iter", std::int64_t{200}).set("max_fun", std::int64_t{1}).fit(data.x, data.y);
  EXPECT_EQ(model.fit_warning(),
            "lbfgs failed to converge after 1 iteration(s) (status=1):\n"
            "STOP: TOTAL NO. OF F,G EVALUATIONS EXCEEDS LIMIT\n\n"
            "You might also want to scale the data as shown in:\n"
            "    https://scikit-learn.org/stable/modules/preprocessing.html");
  model.set("tol", 1e9).fit(data.x, data.y);
  EXPECT_EQ(model.fit_warning(), "");
}

TEST(MLPBase, WarnsOfAFailedLineSearchAsScikitLearnDoes) {
  const auto data = test::golden_data_set("iris");
  std::vector<double> values = data.x.values();
  for (double& value : values) value *= 1e200;
  const Matrix<double> x(data.x.rows(), data.x.cols(), values);
  MLPClassifier model({.hidden_layer_sizes = {7}, .solver = "lbfgs", .random_state = 0});
  model.fit(x, data.y);
  const auto text = [](int status) {
    return "lbfgs failed to converge after 0 iteration(s) (status=" + std::to_string(status) +
           "):\nABNORMAL: \n\nYou might also want to scale the data as shown in:\n"
           "    https://scikit-learn.org/stable/modules/preprocessing.html";
  };
  EXPECT_EQ(model.fit_warning(), text(2));
  // SciPy's status is 1 when the evaluations were used up, too.
  model.set("max_fun", std::int64_t{5}).fit(x, data.y);
  EXPECT_EQ(model.fit_warning(), text(1));
  // The limit of the fit counts, not one that is set for the next.
  model.set("max_fun", std::int64_t{15000});
  EXPECT_EQ(model.fit_warning(), text(1));
  EXPECT_EQ(model_from_bytes(model_to_bytes(model))->fit_warning(), text(1));
}

TEST(MLPBase, WarnsOfTheLastSolver) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier model(
      {.hidden_layer_sizes = {3}, .solver = "lbfgs", .max_iter = 2, .random_state = 1});
  model.fit(data.x, data.y);
  EXPECT_GT(model.n_evaluations(), 0);
  model.set("solver", std::string("adam")).fit(data.x, data.y);
  EXPECT_EQ(model.n_evaluations(), 0);
  EXPECT_TRUE(model.fit_warning().starts_with("Stochastic Optimizer: Maximum iterations (2)"));
}

TEST(MLPBase, AGivenGeneratorIsAdvanced) {
  const auto data = test::golden_data_set("iris");
  const auto generator = std::make_shared<RandomState>(7U);
  MLPClassifier model({.hidden_layer_sizes = {3}, .max_iter = 2, .random_state = 7});
  model.fit(data.x, data.y);
  const auto of_the_seed = model.packed_parameters();
  model.set_random_state(RandomSeed(generator));
  model.fit(data.x, data.y);
  EXPECT_EQ(model.packed_parameters(), of_the_seed);
  EXPECT_NE(generator->state(), RandomState(7U).state());
}

/// The first evaluation is thrown away, and the weights stay as they were drawn.
TEST(MLPBase, AStopRequestBeforeAnLbfgsFitLeavesItsStart) {
  const auto data = test::golden_data_set("iris");
  MLPClassifier model(
      {.hidden_layer_sizes = {3}, .solver = "lbfgs", .random_state = 1, .warm_start = true});
  std::stop_source source;
  source.request_stop();
  model.fit(data.x, data.y, {.control = {.stop = source.get_token()}});
  EXPECT_EQ(model.stop_reason(), StopReason::interrupted);
  EXPECT_EQ(model.n_iter(), 0);
  EXPECT_TRUE(std::isnan(model.loss()));
  EXPECT_EQ(model.fit_warning(), "");
  const auto spec = test::network({4, 3, 3}, "relu", "log_loss");
  EXPECT_EQ(model.packed_parameters(), test::initial_parameters(spec, 1));
  const auto before = model.packed_parameters();
  model.fit(data.x, data.y, {.control = {.stop = source.get_token()}});
  EXPECT_EQ(model.packed_parameters(), before);
}

// ---- threads and types
// ---------------------------------------------------------------------------

/// Wide enough that its products are shared among threads.
struct WideExample {
  Matrix<double> x = test::random_matrix(300, 200, 1);
  std::vector<double> y = test::random_numbers(300, 2);
  MLPRegressorParams params{.hidden_layer_sizes = {200}, .max_iter = 3, .random_state = 1};
};

TEST(MLPBase, ThreadsChangeNoBit) {
  const WideExample example;
  for (const char* solver : {"adam", "sgd", "lbfgs"}) {
    auto params = example.params;
    params.solver = solver;
    const auto expected = MLPRegressor(params).fit(example.x, example.y).packed_parameters();
    for (const int n_threads : {2, 4, -1}) {
      params.n_threads = n_threads;
      MLPRegressor model(params);
      EXPECT_TRUE(test::same_bits(model.fit(example.x, example.y).packed_parameters(), expected));
    }
  }
}

/// Fits in whose middle other threads come and go.
class Company {
 public:
  /// Returns when both guests are with the fit, which is then left and joined again and again.
  void join() {
    if (rival_.joinable()) return;
    while (spare_.n_guests() < 2) std::this_thread::yield();
    rival_ = std::jthread([this](std::stop_token stop) {
      while (!stop.stop_requested()) {
        ThreadTeam other(1, &spare_);
        other.n_threads_to_share();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  SpareThreads& spare() { return spare_; }

 private:
  SpareThreads spare_{1, 3, 64};
  std::jthread rival_;
};

template <class T>
void check_company_changes_no_bit(const char* solver) {
  const auto wide = test::random_matrix(520, 784, 1);
  const Matrix<T> x(520, 784, {wide.values().begin(), wide.values().end()});
  std::vector<std::int64_t> y;
  for (std::size_t i = 0; i < x.rows(); ++i) y.push_back(static_cast<std::int64_t>(i % 10));
  const MLPClassifierParams params{
      .hidden_layer_sizes = {512, 512}, .solver = solver, .max_iter = 2, .random_state = 1};
  MLPClassifier alone(params), together(params);
  alone.fit(x, y);
  Company company;
  SharedEngine engine(&company.spare());
  FitOptions options;
  options.control.engine = &engine;
  options.control.observer = [&](const EpochReport&) {
    company.join();
    return true;
  };
  together.fit(x, y, options);
  EXPECT_TRUE(test::same_bits(together.packed_parameters(), alone.packed_parameters())) << solver;
  EXPECT_EQ(together.loss(), alone.loss());
}

TEST(MLPBaseThreads, ThatComeAndGoChangeNoBit) {
  for (const char* solver : {"adam", "sgd", "lbfgs"}) {
    check_company_changes_no_bit<double>(solver);
    check_company_changes_no_bit<float>(solver);
  }
}

/// The threads of this process.
std::ptrdiff_t n_running() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

TEST(MLPBase, FitsUseTheThreadsThatTheyMay) {
  const WideExample example;
  auto params = example.params;
  params.n_threads = 3;
  MLPRegressor model(params);
  const std::ptrdiff_t before = n_running();
  const auto started = [&](SharedEngine* engine) {
    std::ptrdiff_t most = 0;
    FitOptions options;
    options.control.engine = engine;
    options.control.observer = [&](const EpochReport&) {
      most = std::max(most, n_running() - before);
      return true;
    };
    model.fit(example.x, example.y, options);
    return most;
  };
  EXPECT_EQ(started(nullptr), useful_threads(3) - 1);
  SpareThreads spare(1, 1);
  SharedEngine side_by_side(&spare);
  EXPECT_EQ(started(&side_by_side), 0);
}

TEST(MLPBase, ZeroThreadsAreRefused) {
  const WideExample example;
  MLPRegressor model(example.params);
  model.fit(example.x, example.y);
  model.set("n_threads", std::int64_t{0});
  EXPECT_THROW_WITH(model.fit(example.x, example.y), std::invalid_argument,
                    "must be an int other than 0 or None");
  EXPECT_THROW_WITH(model.predict(example.x), std::invalid_argument,
                    "n_threads == 0 has no meaning");
}

TEST(MLPBase, TheTypeOfTheSamplesDecidesUnlessOneIsAskedFor) {
  const WideExample example;
  const Matrix<float> x32(300, 200, {example.x.values().begin(), example.x.values().end()});
  const auto fitted = [&](const SampleView& x, std::optional<std::string> dtype,
                          const char* solver) {
    auto params = example.params;
    params.dtype = std::move(dtype);
    params.solver = solver;
    MLPRegressor model(params);
    model.fit(x, example.y);
    return model;
  };
  EXPECT_FALSE(fitted(example.x, {}, "adam").predicts_float32());
  EXPECT_TRUE(fitted(x32, {}, "adam").predicts_float32());
  EXPECT_FALSE(fitted(x32, {}, "lbfgs").predicts_float32());  // scikit-learn's rule
  for (const char* solver : {"adam", "lbfgs"}) {
    const auto narrow = fitted(example.x, "float32", solver);
    EXPECT_TRUE(narrow.predicts_float32());
    EXPECT_EQ(test::bits(narrow.loss()), test::bits(fitted(x32, "float32", solver).loss()));
    EXPECT_FALSE(fitted(x32, "float64", solver).predicts_float32());
  }
}

}  // namespace
}  // namespace skarma
