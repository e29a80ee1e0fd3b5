// fit, predict and score, from a file to a saved model and back.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/tests/cli/run_app.hpp>
#include <skarma/tests/support/plugins.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

using test::expect_has;
using test::run_app;

constexpr const char* kTable =
    "a,b,y\n1,2,no\n2,1,yes\n3,5,no\n4,3,yes\n5,6,no\n6,4,yes\n7,8,no\n8,7,yes\n";

/// A folder with train.csv and the model that fit made of it.
class ModelCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto fitted =
        run_app({"fit", folder.write("train.csv", kTable), "--target", "y", "--scale", "standard",
                 "--solver", "lbfgs", "--seed", "1", "--save-model", model});
    ASSERT_EQ(fitted.code, 0) << fitted.err;
    expect_has(fitted.out, "train.csv: 8 samples, 2 features, 2 classes\n");
    expect_has(fitted.out, "StandardScaler + MLPClassifier\n");
    expect_has(fitted.out, "converged, loss ");
    expect_has(fitted.out, "accuracy on the 8 samples fitted: 1.000000\n");
    expect_has(fitted.out, "the model is in " + model);
  }

  const skarma::test::TemporaryFolder folder;
  const std::string model = folder.path("m.safetensors");
};

TEST_F(ModelCommands, PredictFindsColumnsByName) {
  const auto in_order = folder.write("in_order.csv", "a,b\n1,3\n9,5\n");
  const auto mixed = folder.write("mixed.csv", "id,b,a,\n7,3,1,x\n8,5,9,x\n");
  const auto expected = run_app({"predict", model, in_order, "--proba"});
  EXPECT_EQ(expected.code, 0) << expected.err;
  expect_has(expected.out, "prediction,proba_no,proba_yes\nno,");
  EXPECT_EQ(run_app({"predict", model, mixed, "--proba"}).out, expected.out);
}

/// The model's features are those of the file, not the components.
TEST_F(ModelCommands, ComponentsAreMadeOfColumnsByName) {
  const auto fitted = run_app({"fit", folder.write("train.csv", kTable), "--target", "y", "--scale",
                               "standard,pca(n_components=1, svd_solver=full)", "--solver", "lbfgs",
                               "--seed", "1", "--save-model", model});
  ASSERT_EQ(fitted.code, 0) << fitted.err;
  expect_has(fitted.out, "StandardScaler + PCA + MLPClassifier\n");
  const auto info = run_app({"info", model});
  expect_has(info.out, "features  2: a, b\n");
  expect_has(info.out, "layers    1, 100, 1 units");
  const auto in_order = folder.write("in_order.csv", "a,b\n1,3\n9,5\n");
  const auto mixed = folder.write("mixed.csv", "id,b,a\n7,3,1\n8,5,9\n");
  const auto expected = run_app({"predict", model, in_order, "--proba"});
  EXPECT_EQ(expected.code, 0) << expected.err;
  EXPECT_EQ(run_app({"predict", model, mixed, "--proba"}).out, expected.out);
  const auto refused = run_app({"predict", model, folder.write("bare.csv", "1,3,0\n9,5,0\n")});
  expect_has(refused.err, "the model was fitted on 2 features, and here are 3 columns");
}

TEST_F(ModelCommands, WithoutAHeaderColumnsAreTakenInOrder) {
  const auto bare = folder.write("bare.csv", "1,3,0\n9,5,0\n");
  EXPECT_EQ(run_app({"predict", model, bare, "--drop", "3"}).out, "prediction\nno\nyes\n");
  const auto refused = run_app({"predict", model, bare});
  EXPECT_EQ(refused.code, 1);
  expect_has(refused.err, "the model was fitted on 2 features, and here are 3 columns");
}

TEST_F(ModelCommands, PredictionsGoToAFileWhole) {
  const auto data = folder.write("new.csv", "a,b\n1,3\n");
  const auto out = folder.path("predictions.csv");
  EXPECT_EQ(run_app({"predict", model, data, "--output", out}).out, "");
  EXPECT_EQ(folder.read("predictions.csv"), "prediction\nno\n");
  const auto bad = folder.write("bad.csv", "a,b\n1,x\n");
  EXPECT_EQ(run_app({"predict", model, bad, "--output", out}).code, 1);
  EXPECT_EQ(folder.read("predictions.csv"), "prediction\nno\n") << "the old file is still there";
}

TEST_F(ModelCommands, ScoreComparesWithTheTarget) {
  const auto data = folder.write("new.csv", "y,b,a\nno,9,7\nyes,7,9\nyes,9,7\nyes,7,9\n");
  const auto scored =
      run_app({"score", model, data, "--target", "y", "--scoring=accuracy", "--scoring=f1_macro"});
  EXPECT_EQ(scored.code, 0) << scored.err;
  expect_has(scored.out, "new.csv: 4 samples, 2 features, 2 classes\naccuracy 0.750000\nf1_macro ");
  const auto weighted = folder.write("w.csv", "y,b,a,w\nno,9,7,1\nyes,9,7,3\n");
  expect_has(run_app({"score", model, weighted, "--target=y", "--weights=w"}).out,
             "accuracy 0.250000\n");
}

TEST_F(ModelCommands, TheColumnsAreFoundByNamesThatAreNumbers) {
  const auto train = folder.write("years.csv", "2019,2020,y\n1,2,no\n2,1,yes\n3,5,no\n4,3,yes\n");
  const auto swapped = folder.write("swapped.csv", "2020,2019\n2,1\n1,2\n");
  ASSERT_EQ(run_app({"fit", train, "--target=y", "--solver=lbfgs", "--seed=1", "--save-model",
                     folder.path("years")})
                .code,
            0);
  const auto predicted = run_app({"predict", folder.path("years"), swapped});
  EXPECT_EQ(predicted.out, "prediction\nno\nyes\n");
  expect_has(predicted.err, "2 rows of 2 columns separated by commas, with a header; features by");
}

TEST_F(ModelCommands, ScoreSaysWhereLabelsAreOfAnotherKind) {
  const auto numbers = folder.write("numbers.csv", "a,b,y\n1,2,0\n2,1,1\n");
  const auto outcome = run_app({"score", model, numbers, "--target=y"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out, "");
  expect_has(outcome.err,
             "predicts the classes 'no', 'yes', and the target has the labels '0', '1'");
  const auto some = folder.write("some.csv", "a,b,y\n1,2,no\n2,1,maybe\n");
  const auto scored = run_app({"score", model, some});
  EXPECT_EQ(scored.code, 0);
  expect_has(scored.err, "warning: the model does not know the labels 'maybe'");
}

TEST_F(ModelCommands, ProbabilitiesOfASingleClass) {
  const auto one = folder.write("one.csv", "a,y\n1,x\n2,x\n3,x\n");
  ASSERT_EQ(run_app({"fit", one, "--save-model", folder.path("one"), "--seed=1"}).code, 0);
  const auto predicted = run_app({"predict", folder.path("one"), one, "--proba"});
  EXPECT_EQ(predicted.code, 0);
  expect_has(predicted.out, "prediction,proba_x,proba_other\nx,");
}

TEST_F(ModelCommands, ALogHasARowForEachIteration) {
  const auto log = folder.path("log.csv");
  const auto fit = [&](const std::string& path) {
    return run_app({"fit", folder.path("train.csv"), "--solver=adam", "--max-iter=3", "--seed=1",
                    "--early-stopping-metric=loss", "--log", path});
  };
  EXPECT_EQ(fit(log).code, 0);
  std::ifstream file(log);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], "epoch,loss,validation_score,validation_loss,learning_rate,seconds");
  EXPECT_EQ(lines[3].substr(0, 2), "3,");
  EXPECT_EQ(fit("-").code, 2);
  EXPECT_EQ(fit(folder.path("train.csv")).code, 2);
  EXPECT_EQ(fit(folder.path("no/log.csv")).code, 1);
}

TEST_F(ModelCommands, InfoShowsWhatIsInAModel) {
  const auto outcome = run_app({"info", model});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  for (const char* line : {"model     StandardScaler + MLPClassifier\n", "features  2: a, b\n",
                           "predicts  2 classes: 'no', 'yes'\n",
                           "layers    2, 100, 1 units (relu, logistic), float64\n", "training  ",
                           "\n  dense_1           (n_samples, 100)           300         300\n",
                           "\n  solver = lbfgs\n"}) {
    expect_has(outcome.out, line);
  }
  EXPECT_EQ(run_app({"info", folder.path("train.csv")}).code, 1);
}

TEST_F(ModelCommands, InfoNamesTheDeviceIfItWasNotTheProcessor) {
  skarma::test::bring_plugin("skarma_cpu_plugin");
  expect_has(run_app({"info", model}).out, " iterations, loss ");
  const auto path = folder.path("cuda");
  const auto fitted = run_app(
      {"fit", "--dataset", "iris", "--max-iter", "2", "--device", "cuda:1", "--save-model", path});
  EXPECT_EQ(fitted.code, 0) << fitted.err;
  expect_has(run_app({"info", path}).out, "training  2 iterations on cuda:1, loss ");
}

TEST_F(ModelCommands, ADeviceThatIsNotThereIsOneLineAndNoFile) {
  skarma::test::bring_plugin("skarma_cpu_plugin");
  const auto path = folder.path("cuda");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"fit"}, {"grid-search", "--grid", "alpha=1,2"}}) {
    auto arguments = command;
    for (const char* more : {"--dataset", "iris", "--device", "cuda:2", "--save-model"}) {
      arguments.emplace_back(more);
    }
    arguments.push_back(path);
    const auto outcome = run_app(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err,
              "skarma: device='cuda:2' cannot be used here. The last GPU here is 'cuda:1'.\n");
    EXPECT_FALSE(std::filesystem::exists(path));
  }
}

TEST_F(ModelCommands, InfoNamesTheActivationOfEachLayer) {
  const auto path = folder.path("two_layers");
  const auto fitted =
      run_app({"fit", "--dataset", "iris", "--hidden-layer-sizes", "5,4", "--activation",
               "relu,tanh", "--max-iter", "2", "--save-model", path});
  EXPECT_EQ(fitted.code, 0) << fitted.err;
  const std::string text = run_app({"info", path}).out;
  expect_has(text, "layers    4, 5, 4, 3 units (relu, tanh, softmax), float64\n");
  expect_has(text, "\n  activation = ['relu', 'tanh']\n");
}

TEST_F(ModelCommands, ASingleLabelThatMayHoldIsNoClass) {
  MLPClassifier network({.hidden_layer_sizes = {2}, .max_iter = 1});
  network.fit(Matrix<double>(2, 1, {0, 1}), Target::multilabel(Matrix<double>(2, 1, {0, 1})));
  save_model(network, folder.path("label"));
  expect_has(run_app({"info", folder.path("label")}).out, "predicts  1 label a sample\n");
  const auto data = folder.write("one.csv", "1\n2\n");
  expect_has(run_app({"predict", folder.path("label"), data, "--proba"}).out, ",proba_1\n");
}

TEST_F(ModelCommands, TheDashIsStandardOutput) {
  const auto data = folder.write("new.csv", "a,b\n1,3\n");
  EXPECT_EQ(run_app({"predict", model, data, "--output", "-"}).out, "prediction\nno\n");
  const auto quiet = run_app({"predict", model, data, "--output=/dev/stdout", "-q"});
  EXPECT_EQ(quiet.out, "prediction\nno\n");
  EXPECT_EQ(quiet.err, "");
}

TEST(ModelCommandsWithWords, LabelsOfDigitsStayWords) {
  const skarma::test::TemporaryFolder folder;
  const auto train = folder.write("t.csv", "a,y\n1,1\n2,1\n3,2\n4,2\n9,x\n10,x\n");
  const auto model = folder.path("m");
  ASSERT_EQ(run_app({"fit", train, "--target=y", "--task=classification", "--solver=lbfgs",
                     "--seed=1", "--save-model", model})
                .code,
            0);
  const auto some = folder.write("some.csv", "a,y\n1,1\n4,2\n");
  expect_has(run_app({"score", model, some, "--target=y"}).out, "accuracy 1.000000");
}

TEST(ModelCommandsFromASearch, TheBestOfAGridIsSavedAndScoredAgain) {
  const skarma::test::TemporaryFolder folder;
  const auto model = folder.path("best.safetensors");
  const auto search =
      run_app({"grid-search", "--dataset=iris", "--scale=standard", "--solver=lbfgs", "--seed=1",
               "--grid=alpha=1,1000", "--save-model", model, "--quiet"});
  ASSERT_EQ(search.code, 0) << search.err;
  expect_has(search.out, "the best, fitted on 150 samples, is in " + model);
  const auto best = load_model(model);
  EXPECT_EQ(best->parameters(), load_model(model)->parameters());
  const std::string csv = std::string(SKARMA_GOLDEN_DIR) + "/../../datasets/data/iris.csv";
  const auto from_file = run_app({"score", model, csv, "--target=target"});
  expect_has(from_file.out, "accuracy 0.9");
  const auto embedded = run_app({"score", model, "--dataset=iris"});
  EXPECT_EQ(from_file.out.substr(from_file.out.find('\n')),
            embedded.out.substr(embedded.out.find('\n')));
}

TEST(Fit, HoldsOutAndScoresARegression) {
  const auto outcome =
      run_app({"fit", "--dataset=diabetes", "--scale=minmax", "--solver=lbfgs", "--seed=0",
               "--test-size=0.25", "--max-iter=30", "--dtype=float32"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  expect_has(outcome.out, "MinMaxScaler + MLPRegressor\n30 iterations in ");
  expect_has(outcome.out, "R2 on the 331 samples fitted: 0.");
  expect_has(outcome.out, "R2 on the 111 samples held out: 0.");
  EXPECT_EQ(outcome.err, "warning: the fit has not converged; --max-iter allows more\n");
}

TEST(Fit, AStopBeforeTheFitWritesNothing) {
  const skarma::test::TemporaryFolder folder;
  const auto model = folder.write("m", "good");
  std::stop_source stop;
  stop.request_stop();
  const auto outcome =
      run_app({"fit", "--dataset=iris", "--save-model", model, "--seed=1"}, stop.get_token());
  EXPECT_EQ(outcome.code, 130);
  EXPECT_EQ(outcome.err, "skarma: interrupted; nothing was fitted or written\n");
  EXPECT_EQ(folder.read("m"), "good");
  EXPECT_EQ(folder.n_files(), 1U);
}

TEST(Fit, AModelGoesToARegularFile) {
  for (const char* path : {"/dev/full", "/dev/null", "-", "/dev/stdout"}) {
    const auto outcome = run_app({"fit", "--dataset=iris", "--solver=lbfgs", "--save-model", path});
    EXPECT_NE(outcome.code, 0) << path;
    EXPECT_EQ(outcome.out, "") << path;
    expect_has(outcome.err, path);
  }
}

TEST(Fit, NoFileHasTwoPurposes) {
  const skarma::test::TemporaryFolder folder;
  const auto data = folder.write("t.csv", kTable);
  const auto other = folder.path("m");
  const auto refused = [&](const std::vector<std::string>& arguments) {
    const auto outcome = run_app(arguments);
    EXPECT_EQ(outcome.code, 2);
    expect_has(outcome.err, "is the same file as");
    EXPECT_EQ(folder.read("t.csv"), kTable);
  };
  refused({"fit", data, "--save-model", data});
  refused({"grid-search", data, "--save-model", other, "--output", other});
  refused({"grid-search", data, "--output", data});
  refused({"grid-search", data, "--output", other, "--report", other});
  refused({"grid-search", "--dataset=iris", "--grid-file", data, "--output", data});
  ASSERT_EQ(run_app({"fit", data, "--save-model", other}).code, 0);
  refused({"predict", other, data, "--output", data});
  refused({"predict", other, data, "--output", other});
}

TEST(Fit, NothingIsWrittenWhenTheFitFails) {
  const skarma::test::TemporaryFolder folder;
  const auto one_row = folder.write("t.csv", "a,y\n1,x\n");
  const auto outcome =
      run_app({"fit", one_row, "--target=y", "--early-stopping", "--save-model", folder.path("m")});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(folder.n_files(), 1U);
}

}  // namespace
}  // namespace skarma::cli
