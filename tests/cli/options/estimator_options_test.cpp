#include <skarma/cli/options/estimator_options.hpp>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/parameters.hpp>
#include <skarma/cli/wording.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma::cli {
namespace {

std::unique_ptr<Estimator> make(std::vector<std::string> arguments,
                                Task task = Task::classification) {
  CLI::App app;
  EstimatorOptions options;
  options.add_to(app);
  std::reverse(arguments.begin(), arguments.end());
  app.parse(std::move(arguments));
  auto estimator = options.make(task);
  estimator->validate();
  return estimator;
}

std::string value_of(const Estimator& estimator, std::string_view name) {
  for (const auto& [known, value] : estimator.parameters()) {
    if (known == name) return plain_text(value);
  }
  return "(none)";
}

TEST(EstimatorOptions, EveryParameterOfTheTableIsAFlag) {
  for (const ParameterInfo& info : MLPClassifier::parameter_infos()) {
    if (info.name == "dtype") continue;  // a flag of the data
    const std::string text = plain_text(info.default_value);
    const auto estimator = make({flag_name(info.name) + "=" + text});
    EXPECT_EQ(value_of(*estimator, info.name), text);
  }
  EXPECT_EQ(value_of(*make({"--loss", "poisson"}, Task::regression), "loss"), "poisson");
}

TEST(EstimatorOptions, ValuesArriveTyped) {
  const auto estimator = make({"--hidden-layer-sizes", "50,20", "--alpha", "1e-3", "--seed", "7",
                               "--solver", "lbfgs", "--shuffle=False", "--batch-size", "32"});
  const auto& params = dynamic_cast<const MLPClassifier&>(*estimator).params();
  EXPECT_EQ(params.hidden_layer_sizes, (std::vector{50, 20}));
  EXPECT_EQ(params.alpha, 1e-3);
  EXPECT_EQ(params.random_state.seed(), 7);
  EXPECT_EQ(params.solver, "lbfgs");
  EXPECT_FALSE(params.shuffle);
  EXPECT_EQ(params.batch_size, 32);
}

TEST(EstimatorOptions, AnActivationForEachLayerArrives) {
  using Names = std::vector<std::string>;
  for (const char* text : {"relu,tanh", "(relu, tanh)", "['relu', 'tanh']"}) {
    const auto estimator = make({"--hidden-layer-sizes", "5,4", "--activation", text});
    EXPECT_EQ(dynamic_cast<const MLPClassifier&>(*estimator).params().activation,
              ActivationNames(Names{"relu", "tanh"}));
  }
  EXPECT_THROW_WITH(make({"--activation", "relu,tahn"}), std::invalid_argument,
                    "Got ['relu', 'tahn'] instead. Did you mean 'tanh'?");
  EXPECT_THROW_WITH(make({"--activation", "relu,tanh"}), std::invalid_argument,
                    "Got a list of length 2 for hidden_layer_sizes of length 1 instead.");
}

TEST(EstimatorOptions, WeightDecayArrives) {
  const auto estimator = make({"--solver", "adamw", "--weight-decay", "0.2"}, Task::regression);
  const auto& params = dynamic_cast<const MLPRegressor&>(*estimator).params();
  EXPECT_EQ(params.solver, "adamw");
  EXPECT_EQ(params.weight_decay, 0.2);
  EXPECT_THROW_WITH(make({"--solver", "rmsprp"}), std::invalid_argument, "Did you mean 'rmsprop'?");
}

TEST(EstimatorOptions, TakesLayersAroundActivations) {
  using Rates = std::variant<double, std::vector<double>>;
  const auto estimator = make({"--dropout", "0.25", "--batch-norm", "true", "--residual", "true"});
  const auto& params = dynamic_cast<const MLPClassifier&>(*estimator).params();
  EXPECT_EQ(params.dropout, Rates(0.25));
  EXPECT_TRUE(params.batch_norm && params.residual);
  const auto other = make({"--dropout", "0.1,0.5", "--layer-norm", "true", "--noise", "0.2"});
  const auto& others = dynamic_cast<const MLPClassifier&>(*other).params();
  EXPECT_EQ(others.dropout, Rates(std::vector{0.1, 0.5}));
  EXPECT_TRUE(others.layer_norm);
  EXPECT_EQ(others.noise, 0.2);
  EXPECT_EQ(
      std::get<std::string>(dynamic_cast<const MLPClassifier&>(*make({"--activation", "maxout(3)"}))
                                .params()
                                .activation),
      "maxout(3)");
  EXPECT_THROW_WITH(make({"--dropout", "0.1,0.5,0.5"}), std::invalid_argument,
                    "Got a list of length 3 for hidden_layer_sizes of length 1");
}

TEST(EstimatorOptions, ScalersMakeAPipeline) {
  const auto estimator = make({"--scale", "standard"});
  EXPECT_EQ(dynamic_cast<const Pipeline&>(*estimator).transformers().front().second->name(),
            "StandardScaler");
  EXPECT_THROW_WITH(make({"--scale", "minmx"}), std::invalid_argument, "Did you mean 'minmax'?");
}

TEST(EstimatorOptions, MistakesNameTheFlagOrParameter) {
  EXPECT_THROW_WITH(make({"--alpha", "-1"}), std::invalid_argument, "'alpha' parameter");
  EXPECT_THROW_WITH(make({"--alpha", "x"}), std::invalid_argument, "'alpha' parameter");
  EXPECT_THROW_WITH(make({"--hidden-layer-sizes", "5,x"}), std::invalid_argument,
                    "'hidden_layer_sizes' parameter of MLPClassifier: 'x'");
  EXPECT_THROW_WITH(make({"--solver", "lbgfs"}), std::invalid_argument, "Did you mean 'lbfgs'?");
  EXPECT_THROW_WITH(make({"--quantile", "0.5"}), std::invalid_argument,
                    "--quantile is not a parameter of MLPClassifier");
}

TEST(EstimatorOptions, GridNamesFindTheirWayBehindAScaler) {
  const auto plain = make({});
  const auto scaled = make({"--scale", "standard"});
  EXPECT_EQ(full_parameter_name(*plain, "max-iter"), "max_iter");
  EXPECT_EQ(full_parameter_name(*scaled, "alpha"), "mlpclassifier__alpha");
  EXPECT_EQ(full_parameter_name(*scaled, "standardscaler__with_std"), "standardscaler__with_std");
  EXPECT_EQ(short_parameter_name(*scaled, "mlpclassifier__alpha"), "alpha");
  EXPECT_EQ(short_parameter_name(*scaled, "standardscaler__with_std"), "standardscaler__with_std");
  for (const Estimator* estimator : {plain.get(), scaled.get()}) {
    EXPECT_THROW_WITH(full_parameter_name(*estimator, "alhpa"), std::invalid_argument,
                      "MLPClassifier has no parameter 'alhpa'. Did you mean 'alpha'?");
  }
}

}  // namespace
}  // namespace skarma::cli
