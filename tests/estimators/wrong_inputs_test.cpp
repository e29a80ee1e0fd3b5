// Every mistake of docs/wrong_inputs.md that concerns one estimator, and what it is answered with.
#include <cmath>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include <skarma/estimators/decomposition/pca.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/io/replace_file.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/min_max_scaler.hpp>
#include <skarma/estimators/preprocessing/normalizer.hpp>
#include <skarma/estimators/preprocessing/robust_scaler.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/estimators/preprocessing/transformer_kinds.hpp>
#include <skarma/tests/support/plugins.hpp>
#include <skarma/tests/support/special_values.hpp>
#include <skarma/tests/support/temporary_folder.hpp>
#include <skarma/tests/support/wrong_inputs.hpp>

namespace skarma {
namespace {

using test::WrongInputCases;

using test::kInfinity;
using test::kNaN;

// Four samples with two features, and targets for them.
Matrix<double> samples() { return {4, 2, {0, 1, 2, 3, 4, 5, 6, 8}}; }
Matrix<double> samples_with(double value) { return {4, 2, {0, 1, 2, 3, 4, value, 6, 8}}; }
const std::vector<int> kLabels = {0, 1, 0, 1};
const std::vector<double> kNumbers = {0.5, 1.25, 2, 3};

MLPClassifierParams small() {
  return {.hidden_layer_sizes = {2}, .max_iter = 3, .random_state = 0};
}
MLPRegressorParams small_regressor() {
  return {.hidden_layer_sizes = {2}, .max_iter = 3, .random_state = 0};
}

/// A classifier with one parameter that is not as it should be.
template <class Field, class Value>
std::function<std::string()> fit_with(Field MLPClassifierParams::*field, Value value) {
  return [field, value] {
    MLPClassifierParams params = small();
    params.*field = value;
    MLPClassifier(params).fit(samples(), kLabels);
    return "";
  };
}

std::function<std::string()> set_to(const char* parameter, ParamValue value) {
  return [parameter, value] {
    MLPClassifier().set(parameter, value);
    return "";
  };
}

template <class Y>
std::function<std::string()> classify(Matrix<double> x, Y y, std::vector<double> weights = {}) {
  return [x, y, weights] {
    MLPClassifier(small()).fit(x, y, {.sample_weight = weights});
    return "";
  };
}

template <class Y>
std::function<std::string()> regress(Matrix<double> x, Y y) {
  return [x, y] {
    MLPRegressor(small_regressor()).fit(x, y);
    return "";
  };
}

template <class Action>
std::function<std::string()> with_fitted(Action action) {
  return [action] {
    MLPClassifier model(small());
    model.fit(samples(), kLabels);
    action(model);
    return "";
  };
}

/// Does nothing but what `action` does.
template <class Action>
std::function<std::string()> plain(Action action) {
  return [action] {
    action();
    return "";
  };
}

/// Where there are two GPUs, in name.
std::function<std::string()> fit_on(const std::string& device) {
  test::bring_plugin("skarma_cpu_plugin");
  return fit_with(&MLPClassifierParams::device, device);
}

WrongInputCases parameter_cases() {
  using P = MLPClassifierParams;
  return {
      {"negative_alpha", fit_with(&P::alpha, -1.0)},
      {"nan_tol", fit_with(&P::tol, kNaN)},
      {"infinite_alpha", fit_with(&P::alpha, kInfinity)},
      {"no_iterations", fit_with(&P::max_iter, 0)},
      {"no_evaluations", fit_with(&P::max_fun, 0)},
      {"no_threads", fit_with(&P::n_threads, 0)},
      {"unknown_device", fit_with(&P::device, std::string("gpu"))},
      {"device_without_a_number", fit_with(&P::device, std::string("cuda:"))},
      {"device_that_is_not_there", fit_on("cuda:7")},
      {"unknown_dtype", fit_with(&P::dtype, std::string("float16"))},
      {"unknown_activation", fit_with(&P::activation, std::string("rleu"))},
      {"unknown_activation_in_a_list", fit_with(&P::activation, std::vector<std::string>{"rleu"})},
      {"no_activation", fit_with(&P::activation, std::vector<std::string>{})},
      {"more_activations_than_layers",
       fit_with(&P::activation, std::vector<std::string>{"relu", "tanh"})},
      {"numbers_for_activations", set_to("activation", std::vector<std::int64_t>{1, 2})},
      {"unknown_solver", fit_with(&P::solver, std::string("newton"))},
      {"misspelt_solver", fit_with(&P::solver, std::string("rmsprp"))},
      {"negative_weight_decay", fit_with(&P::weight_decay, -1.0)},
      {"unknown_precision", fit_with(&P::precision, std::string("TF32"))},
      {"tf32_on_a_processor", plain([] {
         MLPClassifier({.dtype = "float32", .precision = "tf32"})
             .fit(Matrix<double>(2, 1), std::vector<double>{0, 1});
       })},
      {"unknown_metric", fit_with(&P::early_stopping_metric, std::string("f1_maco"))},
      {"metric_of_numbers", fit_with(&P::early_stopping_metric, std::string("r2"))},
      {"layer_that_is_not_there", fit_with(&P::freeze, std::vector<int>{2})},
      {"all_layers_frozen", fit_with(&P::freeze, std::vector<int>{0, 1})},
      {"no_start", fit_with(&P::n_init, 0)},
      {"misspelt_initialiser", fit_with(&P::init, std::string("he_norml"))},
      {"gain_of_zero", fit_with(&P::init, std::string("orthogonal(0)"))},
      {"initial_weights_of_another_shape",
       fit_with(&P::initial, InitialWeights{{Matrix<double>(2, 2), Matrix<double>(1, 2)}, {}})},
      {"fewer_initial_biases_than_layers",
       fit_with(&P::initial, InitialWeights{{}, {std::vector<double>(2)}})},
      {"several_starts_from_the_same_weights", plain([] {
         MLPClassifier({.n_init = 2, .initial = {{Matrix<double>(2, 2)}, {}}}).validate();
       })},
      {"negative_l1", fit_with(&P::l1, -1.0)},
      {"max_norm_of_zero", fit_with(&P::max_norm, 0.0)},
      {"l1_by_lbfgs", plain([] { MLPClassifier({.solver = "lbfgs", .l1 = 0.1}).validate(); })},
      {"clip_norm_by_lbfgs",
       plain([] { MLPClassifier({.solver = "lbfgs", .clip_norm = 1.0}).validate(); })},
      {"no_member", fit_with(&P::n_members, 0)},
      {"members_and_warm_start",
       plain([] { MLPClassifier({.warm_start = true, .n_members = 3}).validate(); })},
      {"members_and_starts",
       plain([] { MLPClassifier({.n_init = 2, .n_members = 3}).validate(); })},
      {"members_and_partial_fit",
       plain([] { MLPRegressor({.n_members = 3}).partial_fit(samples(), kNumbers); })},
      {"another_solver_for_moments", plain([] {
         MLPClassifier model({.hidden_layer_sizes = {2},
                              .max_iter = 3,
                              .random_state = 0,
                              .warm_start = true,
                              .keep_optimizer = true});
         model.fit(samples(), kLabels);
         model.set("solver", std::string("sgd")).fit(samples(), kLabels);
       })},
      {"half_a_piece", fit_with(&P::activation, ActivationNames("maxout(2.5)"))},
      {"dropout_of_one", fit_with(&P::dropout, 1.0)},
      {"lm_without_squares", fit_with(&P::solver, std::string("lm"))},
      {"lm_of_a_large_network", plain([] {
         MLPRegressor({.hidden_layer_sizes = {2000}, .solver = "lm"})
             .fit(Matrix<double>(2, 1), std::vector<double>{0, 1});
       })},
      {"lm_with_negative_weights", plain([] {
         MLPRegressor({.hidden_layer_sizes = {2}, .solver = "lm"})
             .fit(Matrix<double>(2, 1), std::vector<double>{0, 1},
                  {.sample_weight = std::vector<double>{1, -1}});
       })},
      {"dropout_by_lm", plain([] {
         MLPRegressor({.solver = "lm", .dropout = 0.5})
             .fit(Matrix<double>(2, 1), std::vector<double>{0, 1});
       })},
      {"batch_norm_by_lbfgs", plain([] {
         MLPClassifier({.solver = "lbfgs", .batch_norm = true})
             .fit(Matrix<double>(2, 1), std::vector<double>{0, 1});
       })},
      {"dropout_of_two_hidden_layers", plain([] {
         MLPClassifier({.hidden_layer_sizes = {3, 3}, .dropout = std::vector{0.5, 0.5}})
             .fit(Matrix<double>(2, 1), std::vector<double>{0, 1});
       })},
      {"two_normalisations", plain([] {
         MLPClassifier({.batch_norm = true, .layer_norm = true})
             .fit(Matrix<double>(2, 1), std::vector<double>{0, 1});
       })},
      {"noise_by_lbfgs", plain([] {
         MLPClassifier({.solver = "lbfgs", .noise = 0.1})
             .fit(Matrix<double>(2, 1), std::vector<double>{0, 1});
       })},
      {"negative_noise", fit_with(&P::noise, -0.1)},
      {"unknown_schedule", fit_with(&P::learning_rate, std::string("adaptiv"))},
      {"misspelt_number_of_a_schedule",
       fit_with(&P::learning_rate, std::string("cosine(warmpu=3)"))},
      {"empty_layer", fit_with(&P::hidden_layer_sizes, std::vector<int>{3, 0})},
      {"negative_batch_size", fit_with(&P::batch_size, -1)},
      {"learning_rate_of_zero", fit_with(&P::learning_rate_init, 0.0)},
      {"momentum_above_one", fit_with(&P::momentum, 1.5)},
      {"beta_of_one", fit_with(&P::beta_1, 1.0)},
      {"epsilon_of_zero", fit_with(&P::epsilon, 0.0)},
      {"validation_fraction_of_one", fit_with(&P::validation_fraction, 1.0)},
      {"patience_with_fraction", fit_with(&P::n_iter_no_change, 2.5)},
      {"negative_seed", fit_with(&P::random_state, RandomSeed(-1))},
      {"seed_beyond_32_bits", fit_with(&P::random_state, RandomSeed(std::int64_t{1} << 32))},
      {"misspelt_parameter", set_to("alhpa", 0.1)},
      {"parameter_of_another_kind", set_to("quantile", 0.5)},
      {"text_for_a_number", set_to("max_iter", "many")},
      {"fraction_for_a_whole_number", set_to("max_iter", 2.5)},
      {"number_for_a_flag", set_to("shuffle", std::int64_t{1})},
      {"list_for_a_number", set_to("alpha", std::vector<std::int64_t>{1, 2})},
      {"unfinished_tuple", set_to("hidden_layer_sizes", "(10, 5")},
      {"fraction_in_a_tuple", set_to("hidden_layer_sizes", "(10, 2.5)")},
      {"number_beyond_64_bits", set_to("max_iter", "99999999999999999999")},
      {"number_beyond_a_double", set_to("alpha", "1e999")},
      {"unknown_loss", plain([] { MLPRegressor({.loss = "absolute"}).fit(samples(), kNumbers); })},
      {"scaler_parameter", plain([] { StandardScaler().set("with_meen", false); })},
      {"empty_feature_range",
       plain([] { MinMaxScaler({.low = 1.0, .high = 1.0}).fit(samples()); })},
      {"quantiles_the_wrong_way_round",
       plain([] { RobustScaler({.quantile_low = 80, .quantile_high = 20}).fit(samples()); })},
      {"quantile_of_an_unbounded_variable",
       plain([] { RobustScaler({.quantile_low = 0, .unit_variance = true}).fit(samples()); })},
      {"unknown_norm", plain([] { Normalizer({.norm = "l3"}).fit(samples()); })},
      {"unknown_transformer", plain([] { make_transformer("RobustScaller"); })},
      {"more_components_than_features", plain([] { PCA({.n_components = 3}).fit(samples()); })},
      {"half_a_component", plain([] { PCA({.n_components = 1.5}).fit(samples()); })},
      {"randomized_solver", plain([] { PCA({.svd_solver = "randomized"}).fit(samples()); })},
      {"parameter_without_step",
       plain([] { make_pipeline(StandardScaler(), MLPClassifier()).set("alpha", 0.1); })},
      {"name_of_a_step",
       plain([] { Pipeline({}, "my__model", std::make_unique<MLPClassifier>()); })},
  };
}

/// What happens to a class or a row that is alone: nothing bad.
std::string train_on_one_class() {
  MLPClassifier model(small());
  model.fit(samples(), std::vector<int>{7, 7, 7, 7});
  const auto labels = model.predict(samples()).as_ints();
  const auto proba = model.predict_proba(samples());
  EXPECT_EQ(std::set<int>(labels.begin(), labels.end()), std::set<int>{7});
  EXPECT_EQ(proba.cols(), 2U);
  return "predict gives that class; predict_proba has two columns, as in scikit-learn";
}

std::string hold_out_one_class() {
  auto params = small();
  params.early_stopping = true;
  params.validation_fraction = 0.5;
  MLPClassifier model(params);
  model.fit(samples(), std::vector<int>{7, 7, 7, 7});
  EXPECT_TRUE(model.best_validation_score());
  return "the held-out samples are all of that class";
}

std::string train_on_one_row() {
  MLPRegressor model(small_regressor());
  model.fit(Matrix<double>(1, 2, {1, 2}), std::vector<double>{3.5});
  const Matrix<double> one(1, 2, {1, 2});
  EXPECT_TRUE(std::isfinite(model.predict(one).as_doubles()[0]));
  EXPECT_TRUE(std::isnan(model.score(one, std::vector<double>{3.5})));
  return "fit and predict work; score is NaN, since R2 needs two samples";
}

WrongInputCases data_cases() {
  return {
      {"no_samples", classify(Matrix<double>(0, 2), std::vector<int>{})},
      {"no_features", classify(Matrix<double>(4, 0), kLabels)},
      {"nan_in_x", classify(samples_with(kNaN), kLabels)},
      {"infinity_in_x", classify(samples_with(kInfinity), kLabels)},
      {"fewer_labels_than_samples", classify(samples(), std::vector<int>{0, 1, 0})},
      {"nan_among_labels", classify(samples(), std::vector<double>{0, 1, kNaN, 1})},
      {"nan_in_y", regress(samples(), std::vector<double>{0, 1, kNaN, 1})},
      {"infinity_in_y", regress(samples(), std::vector<double>{0, kInfinity, 1, 1})},
      {"numbers_for_a_classifier", classify(samples(), kNumbers)},
      {"several_columns_for_a_classifier",
       classify(samples(), Matrix<int>(4, 2, {0, 1, 2, 3, 4, 5, 6, 7}))},
      {"words_for_a_regressor", regress(samples(), std::vector<std::string>{"a", "b", "a", "b"})},
      {"one_class", train_on_one_class},
      {"one_class_and_early_stopping", hold_out_one_class},
      {"one_row", train_on_one_row},
      {"fewer_weights_than_samples", classify(samples(), kLabels, {1, 1, 1})},
      {"nan_weight", classify(samples(), kLabels, {1, kNaN, 1, 1})},
      {"weights_all_zero", classify(samples(), kLabels, {0, 0, 0, 0})},
      {"weights_that_cancel", classify(samples(), kLabels, {1, -1, 1, -1})},
      {"wrong_count_of_names", plain([] {
         const std::vector<std::string> names = {"a", "b", "c"};
         MLPClassifier(small()).fit(samples(), kLabels, {.feature_names = names});
       })},
      {"values_that_fill_no_matrix", plain([] {
         Matrix<double>(2, 3, {1, 2, 3});
       })},
      {"row_that_is_not_there", plain([] {
         const auto x = samples();
         const std::vector<RowIndex> rows = {0, 9};
         SampleView(x).rows(rows);
       })},
      {"infinity_in_a_scaler", plain([] { StandardScaler().fit(samples_with(kInfinity)); })},
      {"validation_set_too_small", plain([] {
         auto params = small();
         params.early_stopping = true;
         MLPClassifier(params).fit(samples(), std::vector<int>{0, 1, 2, 0});
       })},
      {"no_validation_set", plain([] {
         auto params = small_regressor();
         params.early_stopping = true;
         params.validation_fraction = 0.0;
         MLPRegressor(params).fit(samples(), kNumbers);
       })},
      {"class_too_small_to_hold_out", plain([] {
         auto params = small();
         params.early_stopping = true;
         MLPClassifier(params).fit(samples(), std::vector<int>{0, 0, 0, 1});
       })},
      {"divergence", plain([] {
         MLPRegressor(
             {.solver = "sgd", .learning_rate_init = 1e6, .max_iter = 50, .random_state = 0})
             .fit(samples(), kNumbers);
       })},
  };
}

WrongInputCases prediction_cases() {
  return {
      {"predict_before_fit", plain([] { MLPClassifier().predict(samples()); })},
      {"coefs_before_fit", plain([] { MLPRegressor().coefs(); })},
      {"transform_before_fit", plain([] { StandardScaler().transform(samples()); })},
      {"predict_with_other_features",
       with_fitted([](auto& m) { m.predict(Matrix<double>(1, 3)); })},
      {"nan_in_predict", with_fitted([](auto& m) { m.predict(samples_with(kNaN)); })},
      {"transform_with_other_features",
       plain([] { StandardScaler().fit(samples()).transform(Matrix<double>(1, 3)); })},
      {"probabilities_of_a_regressor", plain([] {
         MLPRegressor model(small_regressor());
         model.fit(samples(), kNumbers).predict_proba(samples());
       })},
      {"score_with_fewer_targets", with_fitted([](auto& m) {
         m.score(samples(), std::vector<int>{0, 1});
       })},
      {"score_with_fewer_weights", with_fitted([](auto& m) {
         m.score(samples(), kLabels, std::vector<double>{1, 2});
       })},
      {"score_with_other_outputs", plain([] {
         MLPRegressor model(small_regressor());
         model.fit(samples(), kNumbers).score(samples(), samples());
       })},
      {"words_as_ints", plain([] {
         Target(std::vector<std::string>{"a", "b"}).as_ints();
       })},
      {"fractions_as_ints", plain([] { Target(kNumbers).as_ints(); })},
      {"numbers_as_strings", plain([] { Target(kLabels).as_strings(); })},
      {"several_outputs_as_one", plain([] { Target(samples()).as_doubles(); })},
  };
}

/// partial_fit after a fit with the classes 0 and 1.
template <class Change>
std::function<std::string()> go_on(Change change) {
  return [change] {
    MLPClassifier model(small());
    model.fit(samples(), kLabels);
    change(model);
    return "";
  };
}

WrongInputCases continuation_cases() {
  const auto refit = [](auto change, std::vector<int> labels = kLabels) {
    return go_on([change, labels](MLPClassifier& m) {
      m.set("warm_start", true);
      change(m);
      m.fit(samples(), labels);
    });
  };
  return {
      {"partial_fit_with_lbfgs", go_on([](auto& m) {
         m.set("solver", "lbfgs");
         m.partial_fit(samples(), kLabels);
       })},
      {"partial_fit_with_early_stopping", go_on([](auto& m) {
         m.set("early_stopping", true);
         m.partial_fit(samples(), kLabels);
       })},
      {"partial_fit_without_classes",
       plain([] { MLPClassifier(small()).partial_fit(samples(), kLabels); })},
      {"partial_fit_with_other_classes", go_on([](auto& m) {
         m.partial_fit(samples(), kLabels, std::vector<int>{0, 1, 2});
       })},
      {"partial_fit_with_a_new_label", go_on([](auto& m) {
         m.partial_fit(samples(), std::vector<int>{0, 1, 5, 1});
       })},
      {"partial_fit_with_a_bad_parameter", go_on([](auto& m) {
         m.set("activation", "rleu");
         m.partial_fit(samples(), kLabels);
       })},
      {"partial_fit_with_other_features",
       go_on([](auto& m) { m.partial_fit(Matrix<double>(4, 3), kLabels); })},
      {"warm_start_with_other_classes", refit([](auto&) {}, {0, 2, 0, 2})},
      {"warm_start_with_other_layers",
       refit([](auto& m) { m.set("hidden_layer_sizes", std::vector<std::int64_t>{3}); })},
      {"warm_start_with_other_activations",
       refit([](auto& m) { m.set("activation", std::vector<std::string>{"tanh"}); })},
      {"warm_start_with_early_stopping",
       refit([](auto& m) { m.set("early_stopping", true).set("validation_fraction", 0.5); })},
  };
}

std::string model_bytes() {
  MLPClassifier model(small());
  model.fit(samples(), kLabels);
  return model_to_bytes(model);
}

/// The bytes of a good model in which `part` is something else of the same length.
std::string changed_bytes(const std::string& part, const std::string& other) {
  std::string bytes = model_bytes();
  EXPECT_NE(bytes.find(part), std::string::npos) << part;
  return bytes.replace(bytes.find(part), part.size(), other);
}

std::function<std::string()> load_bytes(std::function<std::string()> bytes) {
  return [bytes] {
    model_from_bytes(bytes(), "model.skarma");
    return "";
  };
}

/// Where relative paths begin, until the end of the scope.
class CurrentFolder {
 public:
  explicit CurrentFolder(const std::string& path) { std::filesystem::current_path(path); }
  ~CurrentFolder() { std::filesystem::current_path(before_); }
  CurrentFolder(const CurrentFolder&) = delete;
  CurrentFolder& operator=(const CurrentFolder&) = delete;

 private:
  std::filesystem::path before_ = std::filesystem::current_path();
};

void save_over_a_folder(const Estimator& model) {
  const test::TemporaryFolder folder;
  const CurrentFolder here(folder.path(""));
  std::filesystem::create_directory("models");
  save_model(model, "models");
}

WrongInputCases model_file_cases() {
  const auto save_to = [](const char* path) {
    return with_fitted([path](const auto& m) { save_model(m, path); });
  };
  return {
      {"model_that_is_not_there", plain([] { load_model("no_such.model"); })},
      {"directory_as_a_model", plain([] { load_model("/"); })},
      {"saved_into_no_folder", save_to("/no/such/folder/my.model")},
      {"saved_over_a_folder", with_fitted([](const auto& m) { save_over_a_folder(m); })},
      {"save_before_fit", plain([] { save_model(MLPClassifier(), "unfitted.model"); })},
      {"empty_model_file", load_bytes([] { return std::string(); })},
      {"text_as_a_model", load_bytes([] { return std::string("a,b,y\n1,2,3\n"); })},
      {"truncated_model", load_bytes([] { return model_bytes().substr(0, 1000); })},
      {"model_of_another_program",
       load_bytes([] { return std::string("\x02\0\0\0\0\0\0\0{}", 10); })},
      {"model_of_a_later_skarma",
       load_bytes([] { return changed_bytes("version\\\":2", "version\\\":9"); })},
      {"model_of_an_unknown_kind",
       load_bytes([] { return changed_bytes("MLPClassifier", "MLPClassifies"); })},
      {"model_without_weights",
       load_bytes([] { return changed_bytes("coefs.0\":", "coefs.7\":"); })},
      {"model_of_an_unknown_node", load_bytes([] { return changed_bytes("dense", "dance"); })},
      {"model_with_more_bytes", load_bytes([] { return model_bytes() + "more"; })},
  };
}

TEST(WrongInputs, OfParametersAreAnsweredAsTheTableSays) {
  test::expect_table_holds("Parameters", parameter_cases());
}

TEST(WrongInputs, OfDataAreAnsweredAsTheTableSays) {
  test::expect_table_holds("Data", data_cases());
}

TEST(WrongInputs, OfPredictionsAreAnsweredAsTheTableSays) {
  test::expect_table_holds("Prediction and score", prediction_cases());
}

TEST(WrongInputs, OfContinuedTrainingAreAnsweredAsTheTableSays) {
  test::expect_table_holds("Training that goes on", continuation_cases());
}

TEST(WrongInputs, OfModelFilesAreAnsweredAsTheTableSays) {
  test::expect_table_holds("Model files", model_file_cases());
}

}  // namespace
}  // namespace skarma
