#include <skarma/estimators/mlp/internal/mlp_parameter_table.hpp>

#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <skarma/core/optim/update_rule.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/special_values.hpp>

namespace skarma {
namespace {

using test::kInfinity;
using test::kNaN;

using List = std::vector<std::int64_t>;
using NameList = std::vector<std::string>;

ParamValue whole(std::int64_t v) { return v; }
ParamValue text(const char* v) { return std::string(v); }

/// The domains of spec 2.1: what each parameter takes and refuses at its edges.
struct Edges {
  const char* name;
  std::vector<ParamValue> in, out;
};

void PrintTo(const Edges& edges, std::ostream* out) { *out << edges.name; }

const std::vector<Edges> kEdges = {
    {"hidden_layer_sizes",
     {whole(1), List{}, List{5}, List{5, 3, 1}},
     {whole(0), whole(-1), List{3, 0}, List{-2}, 2.5, text("big")}},
    {"activation",
     {text("identity"), text("logistic"), text("tanh"), text("relu"), NameList{"silu"},
      text("[relu]")},
     {text("sigmoid"), text("ReLU"), whole(1), NameList{}, NameList{"ReLU"},
      NameList{"relu", "tanh"}, List{}, List{1}}},
    {"solver",
     {text("lbfgs"), text("sgd"), text("adam"), text("rmsprop"), text("adamw"), text("adagrad"),
      text("adadelta"), text("amsgrad"), text("nadam"), text("lion"), text("rprop"), text("gd")},
     {text("Adam"), text("newton")}},
    {"alpha", {0.0, whole(0), whole(1), 1e300}, {-1e-9, whole(-1), kNaN, kInfinity, text("x")}},
    {"batch_size",
     {text("auto"), whole(1), whole(1000000)},
     {whole(0), whole(-5), 32.0, text("all"), ParamValue()}},
    {"learning_rate",
     {text("constant"), text("invscaling"), text("adaptive"), text("step"),
      text("cosine(final=.1)"), text("one_cycle(start=10)")},
     {text("optimal"), text("constant(1)"), text("cosine("), text("cosine(final=2)"), 0.1}},
    {"learning_rate_init", {5e-324, whole(1)}, {0.0, -0.1, kNaN, kInfinity}},
    {"power_t", {0.0, whole(2), 0.5}, {-0.5, kNaN, kInfinity}},
    {"max_iter", {whole(1), whole(1000000)}, {whole(0), whole(-1), 200.0, kInfinity}},
    {"shuffle", {true, false}, {whole(0), whole(1), text("yes")}},
    {"random_state",
     {ParamValue(), whole(0), whole(4294967295)},
     {whole(-1), whole(4294967296), 1.0, text("seed")}},
    {"tol", {0.0, whole(1), 1e-12}, {-1e-4, kNaN, kInfinity}},
    {"verbose", {true, false, whole(0), whole(10)}, {whole(-1), 0.5}},
    {"warm_start", {true, false}, {whole(1), ParamValue()}},
    {"momentum", {0.0, 1.0, whole(1), 0.9}, {-0.1, 1.0000001, kNaN}},
    {"nesterovs_momentum", {true, false}, {whole(0)}},
    {"early_stopping", {true, false}, {whole(0), text("auto")}},
    {"validation_fraction", {0.0, 0.5, whole(0)}, {1.0, whole(1), -0.1, kNaN}},
    {"beta_1", {0.0, 0.999}, {1.0, -0.1, kNaN}},
    {"beta_2", {0.0, 0.999}, {1.0, -0.1, kNaN}},
    {"epsilon", {1e-300, whole(1)}, {0.0, -1e-8, kNaN, kInfinity}},
    {"n_iter_no_change", {whole(1), kInfinity}, {whole(0), whole(-1), 2.5, kNaN, -kInfinity}},
    {"max_fun", {whole(1), whole(15000)}, {whole(0), 100.0}},
    {"n_threads", {ParamValue(), whole(1), whole(-1)}, {whole(0), 1.0, text("all")}},
    {"device",
     {text("cpu"), text("cuda"), text("cuda:0"), text("cuda:17"), text("cuda-host"), text("auto"),
      text("reference")},
     {text("gpu"), text("CUDA"), text("cuda:"), text("cuda:-1"), text("cuda:x"), text("cuda:N"),
      text("cuda:01"), text("cpu:0"), whole(0), ParamValue()}},
    {"dtype", {ParamValue(), text("float32"), text("float64")}, {text("float16"), whole(32)}},
    {"weight_decay", {0.0, whole(0), 0.3, whole(2)}, {-1e-9, whole(-1), kNaN, kInfinity}},
    {"dropout",
     {0.0, whole(0), 0.5, std::vector{0.2, 0.5}, List{0, 0}},
     {1.0, whole(1), -0.1, kNaN, std::vector{0.2, 1.0}, std::vector{kNaN, 0.1}, List{1, 0},
      std::vector{0.2}, std::vector{0.2, 0.3, 0.4}}},
    {"batch_norm", {true, false}, {whole(0), text("auto")}},
    {"residual", {true, false}, {whole(0), text("auto")}},
    {"precision", {ParamValue()}, {text("TF32"), text("float32"), whole(19)}},
    {"early_stopping_metric", {ParamValue(), text("loss")}, {text("mse"), whole(1), true}},
    {"freeze",
     {List{}, List{0}, whole(1)},
     {whole(-1), List{2}, List{0, 1}, List{-1}, 0.5, text("first")}},
    {"n_init", {whole(1), whole(9)}, {whole(0), whole(-1), 2.0, ParamValue()}},
    {"layer_norm", {true, false}, {whole(0), text("auto")}},
    {"noise", {0.0, whole(0), 0.5, whole(3)}, {-1e-9, whole(-1), kNaN, kInfinity}},
    {"keep_optimizer", {true, false}, {whole(0), text("auto")}},
    {"init",
     {text("auto"), text("he_normal"), text("orthogonal(1.4)"), text("constant(value=-1)")},
     {text("He"), text("he_normal(1)"), text("orthogonal(0)"), whole(1), ParamValue()}},
    {"l1", {0.0, whole(1), 0.5}, {-1e-9, kNaN, kInfinity, ParamValue()}},
    {"max_norm", {ParamValue(), 0.5, whole(3)}, {0.0, -1.0, kNaN, kInfinity, text("much")}},
    {"clip_value", {ParamValue(), 0.5, whole(3)}, {0.0, -1.0, kNaN, kInfinity}},
    {"clip_norm", {ParamValue(), 0.5, whole(3)}, {0.0, -1.0, kNaN, kInfinity}},
    {"n_members", {whole(1), whole(9)}, {whole(0), whole(-1), 2.0, ParamValue()}},
};

class MlpParameters : public ::testing::TestWithParam<Edges> {};

template <class Params>
void set_and_validate(const ParameterTable<Params>& table, const char* name,
                      const ParamValue& value) {
  Params params;
  table.set(params, name, value);
  table.validate(params);
}

TEST_P(MlpParameters, DomainsAreScikitLearns) {
  const auto& [name, in, out] = GetParam();
  for (const ParamValue& value : in) {
    EXPECT_NO_THROW(set_and_validate(mlp_classifier_parameters(), name, value)) << to_text(value);
    EXPECT_NO_THROW(set_and_validate(mlp_regressor_parameters(), name, value)) << to_text(value);
  }
  for (const ParamValue& value : out) {
    SCOPED_TRACE(to_text(value));
    EXPECT_THROW_WITH(set_and_validate(mlp_classifier_parameters(), name, value),
                      std::invalid_argument, name);
    EXPECT_THROW_WITH(set_and_validate(mlp_regressor_parameters(), name, value),
                      std::invalid_argument, name);
  }
}

std::string edges_name(const ::testing::TestParamInfo<Edges>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(All, MlpParameters, ::testing::ValuesIn(kEdges), edges_name);

/// The same of the classifier's own.
const std::vector<Edges> kClassifierEdges = {
    {"loss",
     {text("log_loss"), text("hinge"), text("squared_hinge"), text("focal"), text("focal(0)"),
      text("focal(gamma=1.5)"), text("squared_error")},
     {text("Hinge"), text("poisson"), text("focal(-1)"), text("hinge(1)"), whole(1)}},
    {"label_smoothing", {0.0, 0.5}, {-0.1, 1.0, text("much")}},
    {"class_weight",
     {ParamValue(), text("balanced"), text("{}"), text(R"({"a": 1, "b": 2.5})")},
     {text("balance"), text("{"), text(R"({"a": -1})"), text(R"({"a": "b"})"), 1.0}}};

TEST(MlpParameterTable, DomainsOfTheClassifiersOwn) {
  for (const auto& [name, in, out] : kClassifierEdges) {
    for (const ParamValue& value : in) {
      EXPECT_NO_THROW(set_and_validate(mlp_classifier_parameters(), name, value)) << to_text(value);
    }
    for (const ParamValue& value : out) {
      SCOPED_TRACE(to_text(value));
      EXPECT_THROW_WITH(set_and_validate(mlp_classifier_parameters(), name, value),
                        std::invalid_argument, name);
    }
  }
}

/// scikit-learn 1.9.1's constructor: names, order and defaults; ours come after them.
const ParamSet kDefaults = {{"hidden_layer_sizes", List{100}},
                            {"activation", std::string("relu")},
                            {"solver", std::string("adam")},
                            {"alpha", 0.0001},
                            {"batch_size", std::string("auto")},
                            {"learning_rate", std::string("constant")},
                            {"learning_rate_init", 0.001},
                            {"power_t", 0.5},
                            {"max_iter", whole(200)},
                            {"shuffle", true},
                            {"random_state", ParamValue()},
                            {"tol", 0.0001},
                            {"verbose", whole(0)},
                            {"warm_start", false},
                            {"momentum", 0.9},
                            {"nesterovs_momentum", true},
                            {"early_stopping", false},
                            {"validation_fraction", 0.1},
                            {"beta_1", 0.9},
                            {"beta_2", 0.999},
                            {"epsilon", 1e-8},
                            {"n_iter_no_change", whole(10)},
                            {"max_fun", whole(15000)},
                            {"n_threads", ParamValue()},
                            {"device", std::string("cpu")},
                            {"dtype", ParamValue()},
                            {"weight_decay", 0.01},
                            {"dropout", 0.0},
                            {"batch_norm", false},
                            {"residual", false},
                            {"precision", ParamValue()},
                            {"early_stopping_metric", ParamValue()},
                            {"freeze", List{}},
                            {"n_init", whole(1)},
                            {"layer_norm", false},
                            {"noise", 0.0},
                            {"keep_optimizer", false},
                            {"init", std::string("auto")},
                            {"l1", 0.0},
                            {"max_norm", ParamValue()},
                            {"clip_value", ParamValue()},
                            {"clip_norm", ParamValue()},
                            {"n_members", whole(1)}};

TEST(MlpParameterTable, LbfgsTakesNoLayersThatDependOnTheMinibatch) {
  const auto check = [](MLPRegressorParams params) {
    params.solver = "lbfgs";
    mlp_regressor_parameters().validate(params);
  };
  EXPECT_THROW_WITH(check({.dropout = 0.5}), std::invalid_argument,
                    "The 'solver' parameter of MLPRegressor must be one that trains on minibatches "
                    "where dropout=0.5");
  EXPECT_THROW_WITH(check({.batch_norm = true}), std::invalid_argument, "batch_norm=True");
  EXPECT_THROW_WITH(check({.dropout = std::vector{0.0, 0.5}}), std::invalid_argument,
                    "where dropout=[0, 0.5]");
  EXPECT_THROW_WITH(check({.noise = 0.25}), std::invalid_argument, "where noise=0.25");
  EXPECT_NO_THROW(check({.dropout = std::vector{0.0, 0.0}}));
  EXPECT_NO_THROW(check({.residual = true, .layer_norm = true}));
}

TEST(MlpParameterTable, LayersHaveARateEachAndOneNormalisation) {
  const auto check = [](const MLPClassifierParams& params) {
    mlp_classifier_parameters().validate(params);
  };
  EXPECT_NO_THROW(check({.hidden_layer_sizes = {}, .dropout = std::vector{0.2}}));
  EXPECT_NO_THROW(check({.hidden_layer_sizes = {4, 4}, .dropout = std::vector{0.2, 0.5, 0.5}}));
  EXPECT_THROW_WITH(
      check({.hidden_layer_sizes = {4, 4}, .dropout = std::vector{0.5, 0.5}}),
      std::invalid_argument,
      "The 'dropout' parameter of MLPClassifier must be a float, or a list with a rate for the "
      "inputs and one for each hidden layer. Got a list of length 2 for hidden_layer_sizes of "
      "length 2 instead.");
  EXPECT_THROW_WITH(check({.batch_norm = true, .layer_norm = true}), std::invalid_argument,
                    "The 'layer_norm' parameter of MLPClassifier must be False where batch_norm is "
                    "True: a hidden layer is normalised in one way. Got True instead.");
}

TEST(MlpParameterTable, RestraintsAreForUpdateRules) {
  const auto check = [](MLPClassifierParams params, const char* solver) {
    params.solver = solver;
    mlp_classifier_parameters().validate(params);
  };
  const std::pair<MLPClassifierParams, const char*> cases[] = {
      {{.l1 = 0.5}, "'l1' parameter of MLPClassifier must be 0 where solver is 'lbfgs', which "},
      {{.max_norm = 2.0}, "'max_norm' parameter of MLPClassifier must be None where solver is"},
      {{.clip_value = 0.5}, "'clip_value' parameter of MLPClassifier must be None where"},
      {{.clip_norm = 0.5}, "'clip_norm' parameter of MLPClassifier must be None where"}};
  for (const auto& [params, message] : cases) {
    EXPECT_THROW_WITH(check(params, "lbfgs"), std::invalid_argument, message);
    for (const auto solver : update_rule_names()) {
      EXPECT_NO_THROW(check(params, std::string(solver).c_str()));
    }
  }
}

TEST(MlpParameterTable, Tf32IsForFloat32AndAGpu) {
  const auto check = [](MLPClassifierParams params) {
    params.precision = "tf32";
    mlp_classifier_parameters().validate(params);
  };
  for (const char* device : {"cuda", "cuda:1", "cuda-host", "auto"}) {
    EXPECT_NO_THROW(check({.device = device, .dtype = "float32"}));
  }
  for (const char* device : {"cpu", "reference"}) {
    EXPECT_THROW_WITH(check({.device = device, .dtype = "float32"}), std::invalid_argument,
                      fmt::format("must be None where device is '{}'. Got 'tf32' instead", device));
  }
  EXPECT_THROW_WITH(check({.device = "cuda"}), std::invalid_argument,
                    "The 'precision' parameter of MLPClassifier must be None where dtype is None.");
  EXPECT_THROW_WITH(check({.device = "cuda", .dtype = "float64"}), std::invalid_argument,
                    "where dtype is 'float64'");
}

TEST(MlpParameterTable, DefaultsAreScikitLearns) {
  ParamSet classifier = mlp_classifier_parameters().values({});
  EXPECT_EQ(classifier.back(), (std::pair<std::string, ParamValue>{"class_weight", ParamValue()}));
  classifier.pop_back();
  EXPECT_EQ(classifier.back(), (std::pair<std::string, ParamValue>{"label_smoothing", 0.0}));
  classifier.pop_back();
  EXPECT_EQ(classifier.back(),
            (std::pair<std::string, ParamValue>{"loss", std::string("log_loss")}));
  classifier.pop_back();
  EXPECT_EQ(classifier, kDefaults);
  ParamSet regressor = mlp_regressor_parameters().values({});
  EXPECT_EQ(regressor.back(), (std::pair<std::string, ParamValue>{"quantile", 0.5}));
  regressor.pop_back();
  EXPECT_EQ(regressor.front(),
            (std::pair<std::string, ParamValue>{"loss", std::string("squared_error")}));
  regressor.erase(regressor.begin());
  EXPECT_EQ(regressor, kDefaults);
}

TEST(MlpParameterTable, EveryParameterHasItsEdgesTested) {
  for (const auto& row : mlp_classifier_parameters().rows()) {
    const auto same = [&](const Edges& e) { return row.info.name == e.name; };
    EXPECT_EQ(std::ranges::count_if(kEdges, same) + std::ranges::count_if(kClassifierEdges, same),
              1)
        << row.info.name;
    EXPECT_FALSE(row.info.doc.empty());
  }
}

TEST(MlpParameterTable, EachHasItsLosses) {
  for (const char* loss : {"poisson", "huber(0.5)", "tweedie(power=1)", "gamma", "quantile"}) {
    EXPECT_NO_THROW(set_and_validate(mlp_regressor_parameters(), "loss", text(loss)));
  }
  EXPECT_THROW_WITH(set_and_validate(mlp_regressor_parameters(), "loss", text("hinge")),
                    std::invalid_argument,
                    "The 'loss' parameter of MLPRegressor must be a str among {'squared_error', "
                    "'poisson', 'huber', 'absolute_error', 'log_cosh', 'gamma', 'tweedie', "
                    "'quantile'}. Got 'hinge' instead.");
  EXPECT_THROW_WITH(set_and_validate(mlp_classifier_parameters(), "loss", text("poisson")),
                    std::invalid_argument,
                    "The 'loss' parameter of MLPClassifier must be a str among {'log_loss', "
                    "'hinge', 'squared_hinge', 'focal', 'squared_error'}. Got 'poisson' instead.");
}

TEST(MlpParameterTable, QuantilesRise) {
  const auto check = [](std::vector<double> levels) {
    mlp_regressor_parameters().validate({.quantile = std::move(levels)});
  };
  EXPECT_NO_THROW(check({0.1, 0.5, 0.9}));
  EXPECT_THROW_WITH(check({0.5, 0.5}), std::invalid_argument,
                    "The 'quantile' parameter of MLPRegressor must rise from level to level. Got "
                    "[0.5, 0.5] instead.");
  EXPECT_THROW_WITH(check({0.1, 1.0}), std::invalid_argument,
                    "must be a float in the range (0.0, 1.0) or a list of these");
  EXPECT_THROW(check({}), std::invalid_argument);
}

TEST(MlpParameterTable, HingeLossesHaveNoMetricOfProbabilities) {
  const auto check = [](const char* metric) {
    mlp_classifier_parameters().validate(
        {.loss = std::string("hinge"), .early_stopping_metric = metric});
  };
  for (const char* metric : {"loss", "accuracy", "f1_macro"}) EXPECT_NO_THROW(check(metric));
  for (const char* metric : {"neg_log_loss", "roc_auc_ovr", "average_precision"}) {
    EXPECT_THROW_WITH(check(metric), std::invalid_argument,
                      "must be 'loss' or a scorer of labels where loss is 'hinge'");
  }
}

TEST(MlpParameterTable, OnlyTheLogLossIsSmoothed) {
  const auto check = [](const char* loss) {
    mlp_classifier_parameters().validate({.loss = std::string(loss), .label_smoothing = 0.1});
  };
  EXPECT_NO_THROW(check("log_loss"));
  EXPECT_THROW_WITH(check("focal"), std::invalid_argument,
                    "The 'label_smoothing' parameter of MLPClassifier must be 0 where loss is not "
                    "'log_loss'. Got 0.1 and loss='focal' instead.");
}

TEST(MlpParameterTable, AListHasAnActivationForEachHiddenLayer) {
  const auto check = [](std::vector<int> sizes, const NameList& names) {
    MLPRegressorParams params;
    params.hidden_layer_sizes = std::move(sizes);
    params.activation = names;
    mlp_regressor_parameters().validate(params);
  };
  EXPECT_NO_THROW(check({5, 4}, {"relu", "tanh"}));
  EXPECT_THROW_WITH(check({5, 4}, {"relu"}), std::invalid_argument,
                    "The 'activation' parameter of MLPRegressor must be a str, or a list with a "
                    "name for each hidden layer. Got a list of length 1 for hidden_layer_sizes of "
                    "length 2 instead.");
  EXPECT_THROW_WITH(check({}, {"relu"}), std::invalid_argument,
                    "Got a list of length 1 for hidden_layer_sizes of length 0 instead.");
  EXPECT_THROW_WITH(check({}, {}), std::invalid_argument, "or a list of these. Got [] instead.");
}

TEST(MlpParameterTable, MessagesAreScikitLearns) {
  const auto refusal = [](const char* name, const ParamValue& value) {
    return test::message_of<std::invalid_argument>(
        [&] { set_and_validate(mlp_classifier_parameters(), name, value); });
  };
  EXPECT_EQ(refusal("hidden_layer_sizes", List{3, 0}),
            "hidden_layer_sizes must be > 0, got [3, 0].");
  EXPECT_EQ(refusal("alpha", -1.0),
            "The 'alpha' parameter of MLPClassifier must be a float in the range [0.0, inf). Got "
            "-1.0 instead.");
  EXPECT_EQ(refusal("batch_size", whole(0)),
            "The 'batch_size' parameter of MLPClassifier must be a str among {'auto'} or an int in "
            "the range [1, inf). Got 0 instead.");
  EXPECT_EQ(refusal("max_iter", whole(0)),
            "The 'max_iter' parameter of MLPClassifier must be an int in the range [1, inf). Got 0 "
            "instead.");
  EXPECT_TRUE(test::contains(refusal("activation", text("rleu")), "Did you mean 'relu'?"));
  EXPECT_EQ(refusal("activation", NameList{"relu", "tahn"}),
            "The 'activation' parameter of MLPClassifier must be a str among {'identity', "
            "'logistic', 'tanh', 'relu', 'gelu', 'gelu_tanh', 'silu', 'mish', 'leaky_relu', 'elu', "
            "'selu', "
            "'softplus', 'softsign', 'hard_tanh', 'step', 'maxout'} or a list of these. Got "
            "['relu', 'tahn'] instead. Did you mean 'tanh'?");
  EXPECT_EQ(refusal("dtype", text("half")),
            "The 'dtype' parameter of MLPClassifier must be a str among {'float32', 'float64'} or "
            "None. Got 'half' instead.");
  EXPECT_EQ(
      refusal("n_threads", text("many")),
      "The 'n_threads' parameter of MLPClassifier must be an int other than 0 or None. Got 'many' "
      "instead.");
}

}  // namespace
}  // namespace skarma
