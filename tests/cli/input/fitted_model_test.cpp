#include <skarma/cli/input/fitted_model.hpp>

#include <gtest/gtest.h>

#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/tests/cli/model_example.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

TEST(FittedModel, KnowsItsFeaturesBehindAScaler) {
  const skarma::test::TemporaryFolder folder;
  save_model(test::fitted_on_a_and_b(), folder.path("m.safetensors"));
  const FittedModel model(folder.path("m.safetensors"));
  EXPECT_EQ(model.features().names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(model.features().n, 2U);
  EXPECT_EQ(network_of(model.estimator()).name(), "MLPClassifier");
}

TEST(FittedModel, SaysWhatItsTargetsAre) {
  const skarma::test::TemporaryFolder folder;
  const auto task_of = [&](const Estimator& estimator) {
    save_model(estimator, folder.path("m"));
    return FittedModel(folder.path("m")).task();
  };
  const Matrix<double> x(4, 1, {0, 1, 2, 3});
  const std::vector<int> y = {0, 1, 0, 1};
  EXPECT_EQ(task_of(test::fitted_on_a_and_b()), TaskChoice::words);
  EXPECT_EQ(task_of(MLPClassifier({.hidden_layer_sizes = {2}, .max_iter = 1}).fit(x, y)),
            TaskChoice::labels);
  EXPECT_EQ(task_of(MLPRegressor({.hidden_layer_sizes = {2}, .max_iter = 1}).fit(x, y)),
            TaskChoice::numbers);
}

TEST(FittedModel, TargetsOfAnotherKindAreShownBesideItsOwn) {
  const skarma::test::TemporaryFolder folder;
  save_model(test::fitted_on_a_and_b(), folder.path("m"));
  const FittedModel model(folder.path("m"));
  const auto check = [&](Target y) {
    model.check_kind({.name = "t.csv",
                      .x = Matrix<double>(2, 1, {1, 2}),
                      .feature_names = {},
                      .y = std::move(y),
                      .weights = {},
                      .task = Task::classification});
  };
  using Words = std::vector<std::string>;
  check(Target(Words{"no", "maybe"}));
  EXPECT_EQ(model.unknown_labels(Target(Words{"no", "maybe", "so", "so"})), "'maybe', 'so'");
  EXPECT_THROW_WITH(check(Target(Words{"0", "1"})), DataError,
                    "t.csv: the model predicts the classes 'no', 'yes', and the target has the "
                    "labels '0', '1', none of which it knows");
  EXPECT_THROW_WITH(check(Target(std::vector{0, 1})), DataError, "the labels 0, 1");
  EXPECT_THROW_WITH(check(Target(std::vector{0.5, 1.5})), DataError, "numbers such as 0.5");
  EXPECT_THROW_WITH(check(Target::multilabel(Matrix<double>(2, 2, {1, 0, 0, 1}))), DataError,
                    "the model predicts 1 output a sample, and the target has 2");
}

TEST(FittedModel, UnknownLabelsAreADozenAtMost) {
  const skarma::test::TemporaryFolder folder;
  save_model(test::fitted_on_a_and_b(), folder.path("m"));
  std::vector<std::string> labels(1, "no");
  for (char c = 'A'; c <= 'Z'; ++c) labels.emplace_back(1, c);
  const std::string text = FittedModel(folder.path("m")).unknown_labels(Target(labels));
  EXPECT_TRUE(text.starts_with("'A', 'B', ") && text.ends_with(", 'L', ...")) << text;
}

TEST(FittedModel, NeedsAFileWithAModel) {
  const skarma::test::TemporaryFolder folder;
  save_model(test::fitted_on_a_and_b(), folder.path("model.skarma"));
  EXPECT_THROW_WITH(FittedModel(folder.path("modle.skarma")), DataError,
                    "there is no such model. Did you mean '" + folder.path("model.skarma") + "'?");
  EXPECT_THROW_WITH(FittedModel(""), UsageError, "which model?");
  EXPECT_THROW_WITH(FittedModel(folder.path("none")), std::runtime_error, "none");
  EXPECT_THROW_WITH(FittedModel(folder.write("t.csv", "a,b\n1,2\n")), DataError,
                    "t.csv: this is no model; the first argument is the file that");
}

}  // namespace
}  // namespace skarma::cli
