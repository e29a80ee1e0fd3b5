#include <skarma/estimators/io/model_file.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>

#include <nlohmann/json.hpp>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/optim/update_rule.hpp>
#include <skarma/estimators/io/internal/safetensors.hpp>
#include <skarma/estimators/io/replace_file.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/max_abs_scaler.hpp>
#include <skarma/estimators/preprocessing/min_max_scaler.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/estimators/preprocessing/transformer_kinds.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::Json;

Matrix<double> iris_x() { return test::matrix(test::golden("data_iris")["X"]); }
std::vector<int> iris_y() { return test::ints(test::golden("data_iris")["y"]); }

std::vector<std::string> names_of(const std::vector<int>& y) {
  std::vector<std::string> names;
  for (const int label : y) names.push_back(label == 0 ? "setosa" : label == 1 ? "b" : "\"ç\"");
  return names;
}

template <class E>
E copied(const E& estimator) {
  const auto loaded = model_from_bytes(model_to_bytes(estimator));
  return dynamic_cast<const E&>(*loaded);
}

TEST(ModelFile, APredictionSurvivesTheRoundTripBitForBit) {
  const auto x = iris_x();
  MLPClassifier model({.hidden_layer_sizes = {5, 3}, .max_iter = 5, .random_state = 1});
  const std::vector<std::string> features = {"a", "b", "ç \"quoted\"", "d"};
  model.fit(x, names_of(iris_y()), {.feature_names = features});
  const MLPClassifier loaded = copied(model);
  EXPECT_TRUE(test::same_bits(loaded.predict_proba(x).values(), model.predict_proba(x).values()));
  EXPECT_EQ(loaded.classes(), model.classes());
  EXPECT_EQ(loaded.feature_names_in(), features);
  EXPECT_EQ(loaded.loss_curve(), model.loss_curve());
  EXPECT_EQ(loaded.best_loss(), model.best_loss());
  EXPECT_EQ(loaded.n_iter(), 5);
  EXPECT_EQ(loaded.t(), 750);
  EXPECT_EQ(loaded.stop_reason(), StopReason::max_iter);
  EXPECT_EQ(loaded.parameters(), model.parameters());
}

TEST(ModelFile, KnowsTheActivationOfEachLayer) {
  using Names = std::vector<std::string>;
  const auto x = iris_x();
  const Target y(iris_y());
  for (const Names& names : {Names{"relu", "tanh"}, Names{"silu", "silu"}}) {
    MLPClassifier model(
        {.hidden_layer_sizes = {5, 3}, .activation = names, .max_iter = 5, .random_state = 1});
    model.fit(x, y);
    MLPClassifier loaded = copied(model);
    EXPECT_EQ(loaded.params().activation, ActivationNames(names));
    EXPECT_TRUE(test::same_bits(loaded.predict_proba(x).values(), model.predict_proba(x).values()));
    EXPECT_EQ(loaded.partial_fit(x, y).coefs(), model.partial_fit(x, y).coefs());
  }
}

TEST(ModelFile, TrainingGoesOnAsIfNothingHadHappened) {
  const auto x = iris_x();
  const Target y(iris_y());
  for (const std::string_view solver : update_rule_names()) {
    MLPClassifier model({.hidden_layer_sizes = {5},
                         .solver = std::string(solver),
                         .random_state = 1,
                         .weight_decay = 0.3});
    model.partial_fit(x, y, y).partial_fit(x, y);
    MLPClassifier loaded = copied(model);
    model.partial_fit(x, y);
    loaded.partial_fit(x, y);
    EXPECT_EQ(loaded.coefs(), model.coefs()) << solver;
    EXPECT_EQ(loaded.loss_curve(), model.loss_curve()) << solver;
  }
}

/// Training that goes on with another solver: lbfgs leaves alone what an update rule remembers.
TEST(ModelFile, HoldsAModelWhoseSolverHasChanged) {
  const auto x = iris_x();
  const Matrix<float> x32 = test::rounded_to_float(x);
  const Target y(iris_y());
  for (const char* first : {"adam", "sgd"}) {
    for (const char* second : {"lbfgs", "sgd", "adam"}) {
      for (const SampleView& samples : {SampleView(x), SampleView(x32)}) {
        SCOPED_TRACE(std::string(first) + ", then " + second);
        MLPClassifier model({.hidden_layer_sizes = {4},
                             .solver = first,
                             .max_iter = 3,
                             .random_state = 0,
                             .warm_start = true});
        model.fit(samples, y);
        model.set("solver", second).fit(samples, y);
        MLPClassifier loaded = copied(model);
        EXPECT_EQ(loaded.coefs(), model.coefs());
        for (MLPClassifier* each : {&model, &loaded}) {
          each->set("solver", first);
          each->partial_fit(samples, y);
        }
        EXPECT_EQ(loaded.coefs(), model.coefs());
        EXPECT_EQ(copied(model).coefs(), model.coefs());
      }
    }
  }
}

TEST(ModelFile, HoldsEveryKindOfModel) {
  const auto x = iris_x();
  const Matrix<float> x32 = test::rounded_to_float(x);
  const Target y(iris_y());

  const MLPClassifierParams small = {.hidden_layer_sizes = {4}, .max_iter = 3, .random_state = 0};
  MLPClassifier narrow(small);
  narrow.fit(x32, y);
  EXPECT_TRUE(copied(narrow).predicts_float32());
  EXPECT_EQ(copied(narrow).coefs(), narrow.coefs());

  auto early = small;
  early.early_stopping = true;
  MLPClassifier stopped(early);
  stopped.fit(x, y);
  EXPECT_EQ(copied(stopped).validation_scores(), stopped.validation_scores());
  EXPECT_EQ(copied(stopped).best_validation_score(), stopped.best_validation_score());

  MLPClassifier multilabel(small);
  multilabel.fit(Matrix<double>(4, 1, {0, 1, 2, 3}), Matrix<int>(4, 2, {0, 1, 1, 1, 1, 0, 0, 0}));
  const Matrix<double> one(1, 1, {1.5});
  EXPECT_EQ(copied(multilabel).predict(one).values(), multilabel.predict(one).values());

  MLPRegressor poisson({.loss = "poisson",
                        .hidden_layer_sizes = {3},
                        .solver = "lbfgs",
                        .max_iter = 5,
                        .random_state = 0});
  poisson.fit(x, y);
  EXPECT_EQ(copied(poisson).predict(x).values(), poisson.predict(x).values());
  EXPECT_EQ(copied(poisson).n_evaluations(), poisson.n_evaluations());

  auto pipeline = make_pipeline(StandardScaler(), MinMaxScaler({.low = -1.0, .clip = true}),
                                MLPClassifier(small));
  pipeline.fit(x, y);
  const auto loaded = model_from_bytes(model_to_bytes(pipeline));
  EXPECT_EQ(loaded->predict_proba(x), pipeline.predict_proba(x));
  EXPECT_EQ(loaded->parameters(), pipeline.parameters());
}

/// The file of format version 1 that every later skarma must read.
TEST(ModelFile, VersionOneLoadsForEver) {
  const auto path = std::filesystem::path(SKARMA_GOLDEN_DIR) / "model_v1.safetensors";
  const auto x = iris_x();
  const auto model = load_model(path);
  // Accuracy of scikit-learn's pipeline with the same parameters.
  EXPECT_NEAR(model->score(x, names_of(iris_y())), 0.98, 1e-12);
  EXPECT_EQ(model->parameters().size(), 48U);
}

/// The bytes of a model with a changed JSON text or changed tensors.
using Change = std::function<void(Json&, std::map<std::string, Tensor>&)>;
std::string changed(const std::string& bytes, const Change& change) {
  Safetensors file = parse_safetensors(bytes, "it");
  Json text = Json::parse(file.metadata["skarma"]);
  change(text, file.tensors);
  file.metadata["skarma"] = text.dump();
  return to_bytes(file);
}

TEST(ModelFile, VersionOneNamesTheLossByItsLink) {
  const auto x = iris_x();
  const std::vector<int> three = iris_y();
  std::vector<int> two = three;
  std::ranges::replace(two, 2, 1);
  const MLPClassifierParams small = {.hidden_layer_sizes = {4}, .max_iter = 3, .random_state = 0};
  const auto check = [&](auto model, const std::vector<int>& y, std::string_view loss) {
    model.fit(x, Target(y));
    const auto bytes = changed(model_to_bytes(model), [&](Json& text, auto&) {
      EXPECT_EQ(text["model"]["loss"], loss);
      text["format_version"] = 1;
      text["model"].erase("loss");
      text["model"]["out_activation"] = model.out_activation();
    });
    const auto loaded = model_from_bytes(bytes);
    EXPECT_EQ(loaded->score(x, Target(y)), model.score(x, Target(y)));
    EXPECT_EQ(model_to_bytes(*loaded), model_to_bytes(model));
  };
  check(MLPClassifier(small), three, "log_loss");
  check(MLPClassifier(small), two, "binary_log_loss");
  for (const char* loss : {"squared_error", "poisson"}) {
    check(MLPRegressor({.loss = loss, .hidden_layer_sizes = {4}, .max_iter = 3, .random_state = 0}),
          three, loss);
  }
}

TEST(ModelFile, KnowsTheLayersAroundActivations) {
  const auto x = iris_x();
  const Target y(iris_y());
  MLPClassifier model({.hidden_layer_sizes = {5, 5},
                       .random_state = 1,
                       .dropout = 0.25,
                       .batch_norm = true,
                       .residual = true});
  model.partial_fit(x, y, y);
  MLPClassifier loaded = copied(model);
  EXPECT_EQ(loaded.batch_norms(), model.batch_norms());
  EXPECT_TRUE(test::same_bits(loaded.predict_proba(x).values(), model.predict_proba(x).values()));
  EXPECT_EQ(loaded.partial_fit(x, y).coefs(), model.partial_fit(x, y).coefs());
  EXPECT_EQ(loaded.batch_norms(), model.batch_norms());
  EXPECT_NE(loaded.batch_norms()[0](2, 0), 0.0);

  const auto error_with = [&](auto change) {
    try {
      model_from_bytes(changed(model_to_bytes(model), change));
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  using Tensors = std::map<std::string, Tensor>;
  EXPECT_TRUE(test::contains(error_with([](Json&, Tensors& t) { t.erase("model.batch_norms.1"); }),
                             "batch_norms.1"));
  EXPECT_TRUE(test::contains(error_with([](Json&, Tensors& t) {
                               t["model.batch_norms.1"] = Tensor::of<double>({4, 1}, {1, 0, 0, 1});
                             }),
                             "the batch normalisation does not fit the weights"));
  EXPECT_TRUE(test::contains(
      error_with([](Json&, Tensors& t) { t["model.dropout"] = Tensor::of<double>({1}, {1.0}); }),
      "the rate of dropout"));
}

TEST(ModelFile, KnowsThePiecesOfMaxout) {
  const auto x = iris_x();
  const Target y(iris_y());
  MLPClassifier model({.hidden_layer_sizes = {5, 4},
                       .activation = std::vector<std::string>{"maxout(3)", "relu"},
                       .max_iter = 3,
                       .random_state = 1});
  model.fit(x, y);
  EXPECT_EQ(model.coefs()[0].cols(), 15U);
  EXPECT_EQ(model.coefs()[1].rows(), 5U);
  const MLPClassifier loaded = copied(model);
  EXPECT_EQ(loaded.coefs(), model.coefs());
  EXPECT_TRUE(test::same_bits(loaded.predict_proba(x).values(), model.predict_proba(x).values()));
  for (const char* activation :
       {"maxout(4),relu", "maxout(5),relu", "relu,maxout(3)", "maxout(0)"}) {
    SCOPED_TRACE(activation);
    const auto change = [&](Json& text, std::map<std::string, Tensor>&) {
      text["model"].erase("nodes");
      text["model"]["activation"] = activation;
    };
    EXPECT_THROW(model_from_bytes(changed(model_to_bytes(model), change)), std::runtime_error);
  }
}

TEST(ModelFile, KnowsWhatTrainingDoesToInputsAndLayers) {
  const auto x = iris_x();
  const Target y(iris_y());
  MLPClassifier model({.hidden_layer_sizes = {5, 5},
                       .activation = "selu",
                       .random_state = 1,
                       .dropout = std::vector{0.1, 0.2, 0.0},
                       .layer_norm = true,
                       .noise = 0.3});
  model.partial_fit(x, y, y);
  MLPClassifier loaded = copied(model);
  EXPECT_EQ(loaded.layer_norms(), model.layer_norms());
  ASSERT_EQ(loaded.layer_norms().size(), 2U);
  EXPECT_EQ(loaded.layer_norms()[0].rows(), 2U);
  EXPECT_TRUE(loaded.batch_norms().empty());
  EXPECT_EQ(loaded.params().dropout, model.params().dropout);
  EXPECT_TRUE(test::same_bits(loaded.predict_proba(x).values(), model.predict_proba(x).values()));
  EXPECT_EQ(loaded.partial_fit(x, y).coefs(), model.partial_fit(x, y).coefs());
  EXPECT_EQ(loaded.layer_norms(), model.layer_norms());
  EXPECT_NE(loaded.layer_norms()[0](1, 0), 0.0);

  const auto error_with = [&](const std::string& name, const Tensor& tensor) {
    const auto change = [&](Json& text, std::map<std::string, Tensor>& tensors) {
      text["model"].erase("nodes");
      tensors["model." + name] = tensor;
    };
    return test::message_of<std::runtime_error>(
        [&] { model_from_bytes(changed(model_to_bytes(model), change)); });
  };
  using test::contains;
  EXPECT_TRUE(contains(error_with("layer_norms.1", Tensor::of<double>({2, 1}, {1, 0})),
                       "the layer normalisation does not fit the weights"));
  EXPECT_TRUE(contains(error_with("dropout_rates", Tensor::of<double>({3}, {0.1, 1.0, 0.2})),
                       "the rate of dropout"));
  EXPECT_TRUE(contains(error_with("dropout_rates", Tensor::of<double>({2}, {0.1, 0.2})),
                       "not one rate of dropout for each layer"));
  for (const double noise :
       {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    EXPECT_TRUE(contains(error_with("noise", Tensor::of<double>({1}, {noise})), "the noise"));
  }
  EXPECT_TRUE(
      contains(error_with("batch_norms.0", Tensor::of<double>({4, 5}, std::vector(20, 1.0))),
               "two kinds of normalisation"));
}

/// The files of format version 2 that do not list the network's nodes: two that were kept, and any.
TEST(ModelFile, OneWithoutNodesLoadsForEver) {
  const auto x = iris_x();
  const Target y(iris_y());
  const std::filesystem::path golden(SKARMA_GOLDEN_DIR);
  EXPECT_NEAR(load_model(golden / "model_v2_layers.safetensors")->score(x, y), 0.6, 1e-12);
  EXPECT_NE(load_model(golden / "model_v2_pipeline.safetensors"), nullptr);
  for (const bool batch_norm : {false, true}) {
    MLPClassifier model(
        {.hidden_layer_sizes = {5, 5}, .max_iter = 2, .random_state = 1, .batch_norm = batch_norm});
    model.fit(x, y);
    const std::string bytes = model_to_bytes(model);
    const auto without = changed(bytes, [](Json& text, auto&) { text["model"].erase("nodes"); });
    EXPECT_LT(without.size(), bytes.size());
    EXPECT_EQ(model_to_bytes(*model_from_bytes(without)), bytes);
  }
}

/// Files from before adamw say nothing of weight_decay, which none of their rules reads.
TEST(ModelFile, OneWithoutWeightDecayHasItsDefault) {
  const auto x = iris_x();
  const Target y(iris_y());
  for (const int version : {1, 2}) {
    MLPClassifier model({.hidden_layer_sizes = {4}, .random_state = 0, .weight_decay = 0.3});
    model.partial_fit(x, y, y);
    const auto bytes = changed(model_to_bytes(model), [&](Json& text, auto& tensors) {
      text["format_version"] = version;
      EXPECT_EQ(text["model"]["params"].erase("weight_decay"), 1U);
      EXPECT_EQ(tensors.erase("model.optimiser.weight_decay"), 1U);
    });
    const auto loaded = model_from_bytes(bytes);
    auto& mlp = dynamic_cast<MLPClassifier&>(*loaded);
    EXPECT_EQ(mlp.params().weight_decay, 0.01);
    EXPECT_EQ(mlp.partial_fit(x, y).coefs(), model.partial_fit(x, y).coefs());
  }
}

/// Saved when a warm start by lbfgs left the name of the optimiser before it, without its moments.
TEST(ModelFile, AFileOfAdamThenLbfgsIsReadAsOneOfLbfgs) {
  const auto path =
      std::filesystem::path(SKARMA_GOLDEN_DIR) / "model_v1_adam_then_lbfgs.safetensors";
  const auto model = load_model(path);
  EXPECT_NEAR(model->score(iris_x(), iris_y()), 0.41, 0.02);
  auto& mlp = dynamic_cast<MLPClassifier&>(*model);
  EXPECT_EQ(copied(mlp).parameters(), mlp.parameters());
  EXPECT_THROW(mlp.partial_fit(iris_x(), iris_y()), std::invalid_argument);
}

// ---- bytes that are no model ------------------------------------------------------------------

std::string small_model() {
  auto model =
      make_pipeline(StandardScaler(),
                    MLPClassifier({.hidden_layer_sizes = {2}, .max_iter = 2, .random_state = 0}));
  model.fit(iris_x(), iris_y());
  return model_to_bytes(model);
}

std::string changed(const Change& change) { return changed(small_model(), change); }

std::string load_error(const std::string& bytes) {
  return test::message_of<std::runtime_error>([&] { model_from_bytes(bytes, "m.skarma"); });
}

TEST(ModelFile, EveryTruncationIsAnError) {
  const std::string whole = small_model();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_THROW(model_from_bytes(whole.substr(0, n)), std::runtime_error) << n << " bytes";
  }
}

TEST(ModelFile, AnyFlippedByteGivesAModelOrAnError) {
  const std::string whole = small_model();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bytes = whole;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x15);
    try {
      model_from_bytes(bytes)->predict(iris_x());
    } catch (const std::exception&) {
    }
  }
}

TEST(ModelFile, LiesAreNamed) {
  EXPECT_EQ(load_error("{}"), "m.skarma is not a safetensors file: it has only 2 bytes.");
  EXPECT_EQ(load_error(std::string(8, '\xff')),
            "m.skarma is not a safetensors file: its header would have 18446744073709551615 bytes, "
            "the whole file has 8.");
  const auto with = [](auto change) { return load_error(changed(change)); };
  using Tensors = std::map<std::string, Tensor>;
  const std::string no_model = "m.skarma is not a skarma model: ";
  EXPECT_EQ(with([](Json& text, Tensors&) { text["format_version"] = 3; }),
            no_model + "its format version is 3; this skarma reads up to 2.");
  EXPECT_EQ(with([](Json& text, Tensors&) { text["kind"] = "os.system"; }),
            no_model + "There is no estimator 'os.system'.");
  EXPECT_EQ(with([](Json& text, Tensors&) { text["model"]["mlpclassifier"]["loss"] = "hinj"; }),
            no_model + "in model.mlpclassifier, the loss 'hinj' is not known");
  const auto with_activation = [&](const char* name) {
    return with([&](Json& text, Tensors&) { text["model"]["mlpclassifier"]["activation"] = name; });
  };
  for (const char* name : {"", "rleu"}) {
    EXPECT_EQ(with_activation(name),
              no_model + "in model.mlpclassifier, the activation '" + name + "' is not known");
  }
  EXPECT_EQ(with_activation("relu,"),
            no_model + "in model.mlpclassifier, the activation '' is not known");
  EXPECT_EQ(
      with_activation("relu,tanh"),
      no_model + "in model.mlpclassifier, there are not as many activations as hidden layers");
  EXPECT_EQ(with([](Json& text, Tensors&) { text.erase("model"); }),
            no_model + "in model, 'scalers' is missing");
  EXPECT_EQ(with([](Json&, Tensors& t) { t.erase("model.mlpclassifier.coefs.0"); }),
            no_model + "in model.mlpclassifier, the tensor 'coefs.0' is missing");
  EXPECT_EQ(with([](Json&, Tensors& t) {
              t["model.mlpclassifier.coefs.1"].shape = {3, 2};
            }),
            no_model + "in model.mlpclassifier, the weights of layer 1 do not fit");
  EXPECT_EQ(with([](Json& text, Tensors&) {
              text["model"]["mlpclassifier"]["params"]["alpha"] = "'lots'";
            }).find(no_model + "The 'alpha' parameter of MLPClassifier"),
            0U);
  EXPECT_EQ(with([](Json& text, Tensors&) { text["model"]["mlpclassifier"]["kind"] = "Pipeline"; }),
            no_model + "in model, a pipeline is a step of a pipeline");
  EXPECT_EQ(with([](Json& text, Tensors&) { text["model"]["mlpclassifier"]["n_layers"] = 1; }),
            no_model + "in model.mlpclassifier.optimiser, the moments do not fit the network");
  EXPECT_EQ(with([](Json&, Tensors& t) {
              t["model.mlpclassifier.classes"] = Tensor::of<std::int64_t>({2}, {0, 1});
            }),
            no_model + "in model.mlpclassifier, the classes do not fit the network's outputs");
  const auto with_node = [&](const char* name, const Json& value) {
    return with(
        [&](Json& text, Tensors&) { text["model"]["mlpclassifier"]["nodes"][1][name] = value; });
  };
  const std::string misfit =
      no_model + "in model.mlpclassifier, node 1 of 'nodes' does not fit the network: its ";
  EXPECT_EQ(with_node("inputs", {7}), misfit + "'inputs' should be [0]");
  EXPECT_EQ(with_node("units", "2"), misfit + "'units' should be 2");
  EXPECT_EQ(with([](Json& text, Tensors&) { text["model"]["mlpclassifier"]["nodes"] = 5; }),
            no_model + "in model.mlpclassifier, 'nodes' is not a list");
}

/// As a tree of JSON it would take seventy times its bytes.
TEST(ModelFile, LongNonsenseIsRefusedBeforeItIsATree) {
  const auto repeated = [](const std::string& text) {
    std::string all = "[";
    while (all.size() < 300'000) all += text;
    return all.substr(0, all.size() - 1) + "]";
  };
  for (const char* text : {"{},", "[],", "0,", "\"\",", "{\"\":[]},"}) {
    const std::string nonsense = repeated(text);
    Safetensors file;
    file.metadata["skarma"] = R"({"format_version":1,"kind":)" + nonsense + "}";
    EXPECT_EQ(load_error(to_bytes(file)),
              "m.skarma is not a skarma model: its entry 'skarma' is no JSON, or lists more than "
              "its tensors can need.");
    const std::string header = R"({"a":)" + nonsense + "}";
    const std::uint64_t length = header.size();
    EXPECT_EQ(load_error(std::string(reinterpret_cast<const char*>(&length), 8) + header),
              "m.skarma is not a safetensors file: its header is no JSON, or lists more than the "
              "file can hold.");
  }
}

TEST(ModelFile, ManyNamesAndClassesAreStillRead) {
  constexpr std::size_t n = 30'000;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < n; ++i) names.push_back("x" + std::to_string(i));
  MLPRegressor model({.hidden_layer_sizes = {1}, .solver = "sgd", .max_iter = 1});
  const Matrix<float> x(2, n, std::vector<float>(2 * n, 0.5F));
  model.fit(x, std::vector<double>{0.0, 1.0}, {.feature_names = names});
  EXPECT_EQ(copied(model).feature_names_in(), names);
}

TEST(ModelFile, ManyLayersAreStillRead) {
  MLPRegressor model({.hidden_layer_sizes = std::vector<int>(6000, 1),
                      .solver = "lbfgs",
                      .max_iter = 1,
                      .dtype = "float32",
                      .residual = true});
  const Matrix<float> x(2, 1, {0.0F, 1.0F});
  model.fit(x, std::vector<double>{0.0, 1.0});
  EXPECT_EQ(copied(model).n_layers(), 6002);
}

TEST(ModelFile, ScalersKnowHowManySamplesTheyHaveSeen) {
  Matrix<double> x(4, 2, {0, 1, 2, 3, 4, 5, 6, std::nan("")});
  StandardScaler standard;
  standard.fit(x);
  EXPECT_EQ(standard.n_samples_seen(), (std::vector<double>{4, 3}));
  MinMaxScaler min_max;
  min_max.fit(test::rounded_to_float(x));
  EXPECT_EQ(min_max.n_samples_seen(), std::vector<double>{4});
  EXPECT_TRUE(min_max.learnt_float32());

  auto pipeline = make_pipeline(StandardScaler(), MinMaxScaler(),
                                MLPClassifier({.hidden_layer_sizes = {2}, .max_iter = 2}));
  pipeline.fit(iris_x(), iris_y());
  const auto loaded = model_from_bytes(model_to_bytes(pipeline));
  const auto& scalers = dynamic_cast<const Pipeline&>(*loaded).transformers();
  EXPECT_EQ(dynamic_cast<const StandardScaler&>(*scalers[0].second).n_samples_seen(),
            std::vector<double>{150});
  EXPECT_EQ(dynamic_cast<const MinMaxScaler&>(*scalers[1].second).n_samples_seen(),
            std::vector<double>{150});
  EXPECT_FALSE(dynamic_cast<const MinMaxScaler&>(*scalers[1].second).learnt_float32());

  EXPECT_TRUE(test::contains(
      load_error(changed([](Json&, std::map<std::string, Tensor>& t) {
        t["model.standardscaler.n_samples_seen"] = Tensor::of<double>({3}, {1, 2, 3});
      })),
      "n_samples_seen must be one count, or one a column"));
}

TEST(ModelFile, HoldsEveryTransformer) {
  const auto x = iris_x();
  for (const TransformerKind& kind : transformer_kinds()) {
    SCOPED_TRACE(kind.name);
    std::vector<std::unique_ptr<Transformer>> steps;
    steps.push_back(kind.make());
    Pipeline pipeline(std::move(steps), std::make_unique<MLPClassifier>(MLPClassifierParams{
                                            .hidden_layer_sizes = {3}, .max_iter = 3}));
    pipeline.fit(x, iris_y());
    const auto loaded = model_from_bytes(model_to_bytes(pipeline));
    EXPECT_EQ(loaded->predict_proba(x), pipeline.predict_proba(x));
    EXPECT_EQ(loaded->parameters(), pipeline.parameters());
    const auto before = pipeline.transformers()[0].second->learnt();
    const auto after = dynamic_cast<const Pipeline&>(*loaded).transformers()[0].second->learnt();
    ASSERT_EQ(before.size(), after.size());
    for (const auto& [name, figures] : before) {
      EXPECT_EQ(after.at(name).values, figures.values) << name;
      EXPECT_EQ(after.at(name).shape, figures.shape) << name;
    }
  }
}

TEST(ModelFile, StepsThatDoNotFitTogetherAreAnError) {
  const auto x = iris_x();
  auto pipeline = make_pipeline(StandardScaler(), MaxAbsScaler(),
                                MLPClassifier({.hidden_layer_sizes = {2}, .max_iter = 2}));
  pipeline.fit(x, iris_y());
  Safetensors file = parse_safetensors(model_to_bytes(pipeline), "it");
  for (const char* name : {"max_abs", "scale"}) {
    file.tensors[std::string("model.maxabsscaler.") + name] = Tensor::of<double>({2}, {1, 2});
  }
  EXPECT_THROW_WITH(model_from_bytes(to_bytes(file)), std::runtime_error,
                    "the step standardscaler gives 4 features, and maxabsscaler takes 2");
}

TEST(ModelFile, ACountThatTrainingWouldOverflowIsAnError) {
  const auto with = [](const char* part, const char* name, std::int64_t value) {
    return load_error(changed([&](Json& text, std::map<std::string, Tensor>&) {
      text["model"]["mlpclassifier"][part][name] = value;
    }));
  };
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_TRUE(
      test::contains(with("optimiser", "n_steps", most), "'n_steps' is 9223372036854775807"));
  EXPECT_TRUE(test::contains(with("history", "t", most), "'t' is 9223372036854775807"));
  EXPECT_TRUE(test::contains(with("history", "t", -1), "'t' is -1"));
  EXPECT_TRUE(test::contains(with("history", "n_iter", 2147483647), "'n_iter' is 2147483647"));
}

TEST(ModelFile, AnUnfittedModelIsNotSaved) {
  EXPECT_THROW(model_to_bytes(MLPClassifier()), NotFittedError);
  EXPECT_THROW(save_model(MLPClassifier(), "/nowhere/model"), NotFittedError);
}

TEST(ModelFile, AnUnwritablePathIsNamedAndNothingIsLeft) {
  MLPClassifier model({.hidden_layer_sizes = {2}, .max_iter = 2});
  model.fit(iris_x(), iris_y());
  EXPECT_THROW_WITH(save_model(model, "/no/such/folder/m"), std::runtime_error,
                    "Cannot write /no/such/folder/m: No such file or directory.");
  EXPECT_THROW_WITH(load_model("/no/such/folder/m"), std::runtime_error,
                    "Cannot read /no/such/folder/m");
}

}  // namespace
}  // namespace skarma
