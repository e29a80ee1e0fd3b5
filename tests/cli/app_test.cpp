#include <skarma/cli/app.hpp>

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <skarma/cli/wording.hpp>
#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/tests/cli/run_app.hpp>
#include <skarma/tests/support/plugins.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

using skarma::test::TemporaryFolder;
using test::expect_has;
using test::run_app;
using Words = std::vector<std::string>;

Words operator+(Words front, const Words& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

const Words kQuick = {"grid-search",
                      "--dataset",
                      "iris",
                      "--scale",
                      "standard",
                      "--solver",
                      "lbfgs",
                      "--seed",
                      "1",
                      "--hidden-layer-sizes",
                      "4"};

void expect_one_line(const std::string& text, const std::string& part) {
  expect_has(text, part);
  EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
}

TEST(App, HelpIsForEveryCommandAndHasAnExample) {
  expect_has(run_app({"--help"}).out, "grid-search");
  expect_has(run_app({"help"}).out, "grid-search");
  for (const char* command :
       {"grid-search", "fit", "predict", "score", "datasets", "info", "help"}) {
    const auto outcome = run_app({command, "--help"});
    EXPECT_EQ(run_app({"help", command}).out, outcome.out);
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(outcome.err, "");
    expect_has(outcome.out, std::string("Example:\n  skarma ") + command);
  }
  EXPECT_TRUE(run_app({"--version"}).out.starts_with("skarma "));
}

TEST(App, WithoutACommandItExplainsItself) {
  const auto outcome = run_app({});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "");
  expect_has(outcome.err, "Usage: skarma");
}

TEST(App, DatasetsAndInfo) {
  expect_has(run_app({"datasets"}).out, "breast_cancer      569        30  2 classes");
  expect_has(run_app({"info"}).out, "BLAS     OpenBLAS");
}

TEST(App, InfoSaysWhyThereIsNoGpu) {
  setenv("SKARMA_GPU_PLUGIN", "/no/such", 1);
  const std::string text = run_app({"info"}).out;
  if (text.find("cuda:0") != std::string::npos) {
    GTEST_SKIP() << "This process has opened a library: run this alone.";
  }
  expect_has(text, "\nGPU      none: No library of a device was found: there is no ");
  expect_has(text, ", and no /no/such, which SKARMA_GPU_PLUGIN names.\n");
}

TEST(App, InfoListsGpus) {
  skarma::test::bring_plugin("skarma_cpu_plugin");
  const std::string text = run_app({"info"}).out;
  expect_has(text, "\ncuda:0   Test device 0, compute capability 9.0, 132 multiprocessors, ");
  expect_has(text, "\ncuda:1   Test device 1, ");
}

TEST(App, HelpNamesTheScorers) {
  for (const char* command : {"grid-search", "score"}) {
    expect_has(run_app({"help", command}).out, "neg_root_mean_squared_error");
  }
}

/// What the user typed, and what the one line of the answer must say.
struct Mistake {
  Words arguments;
  const char* answer;
};

TEST(App, AMistakeGetsOneLineThatNamesTheNearest) {
  const std::vector<Mistake> mistakes = {
      {{"grid-serach"}, "no command 'grid-serach'. Did you mean 'grid-search'?"},
      {{"help", "fti"}, "no command 'fti'. Did you mean 'fit'?"},
      {{"help", "fit", "more"}, "'more' is one argument too many"},
      {{"fit", ""}, "FILE is empty"},
      {{"predict", ""}, "MODEL is empty"},
      {kQuick + Words{"--output", ""}, "--output is empty"},
      {kQuick + Words{"--output", "results.cvs"}, "Did you mean '.csv'?"},
      {{"--verison"}, "no flag '--verison'. Did you mean '--version'?"},
      {{"grid-search", "--dataset", "irs"}, "no data set 'irs'. Did you mean 'iris'?"},
      {{"grid-search", "iris"}, "the data set of this name is --dataset iris"},
      {{"grid-search"}, "what to learn from?"},
      {{"grid-search", "x.csv", "--dataset", "iris"}, "not both"},
      {{"grid-search", "x.csv", "y.csv"}, "'y.csv' is one argument too many"},
      {{"grid-search", "--dataset", "iris", "--target", "y"}, "about the columns of a file"},
      {kQuick + Words{"--sovler", "lbfgs"}, "no flag '--sovler'. Did you mean '--solver'?"},
      {kQuick + Words{"--max_itr=5"}, "Did you mean '--max-iter'?"},
      {kQuick + Words{"--shufle"}, "Did you mean '--shuffle'?"},
      {kQuick + Words{"--activation", "rellu"}, "Did you mean 'relu'?"},
      {kQuick + Words{"--activation", "relu,tanh"},
       "Got a list of length 2 for hidden_layer_sizes of length 1 instead."},
      {{"fit", "--dataset", "iris", "--activation", "relu,tanh"},
       "Got a list of length 2 for hidden_layer_sizes of length 1 instead."},
      {kQuick + Words{"--activation", "rellu,tanh"}, "Did you mean 'relu'?"},
      {kQuick + Words{"--grid", "activation=[tahn]"}, "Did you mean 'tanh'?"},
      {kQuick + Words{"--alpha", "-1"}, "'alpha' parameter of MLPClassifier must be"},
      {kQuick + Words{"--alpha"}, "--alpha takes one value"},
      {kQuick + Words{"--alpha", "1", "--alpha", "2"},
       "--alpha takes one value, and is given once"},
      {kQuick + Words{"--shuffle=maybe"}, "'shuffle' parameter"},
      {kQuick + Words{"--quiet=maybe"}, "--quiet takes no value."},
      {kQuick + Words{"--shuffle=Flase"}, "Did you mean 'False'?"},
      {kQuick + Words{"--grid", "alpha=logpsace(-3,3,7)"}, "Did you mean 'logspace'?"},
      {{"grid-search", "--dataset", "iris", "--scale", "standart"}, "Did you mean 'standard'?"},
      {kQuick + Words{"--task", "clasification"}, "Did you mean 'classification'?"},
      {kQuick + Words{"--header", "ja"}, "--header must be one of auto, yes, no"},
      {kQuick + Words{"--dtype", "float46"}, "Did you mean 'float64'?"},
      {kQuick + Words{"--scoring", "acuracy"}, "Did you mean 'accuracy'?"},
      {kQuick + Words{"--scoring", "accuracy", "--refit", "accuracy"}, "name one of several"},
      {kQuick + Words{"--scoring", "accuracy", "--scoring", "f1_macro", "--refit", "f1_marco"},
       "Did you mean 'f1_macro'?"},
      {kQuick + Words{"--cv", "stratfied(5)"}, "Did you mean 'stratified'?"},
      {kQuick + Words{"--cv", "1"}, "cv"},
      {kQuick + Words{"--cv", "1000"}, "n_splits=1000 cannot be greater"},
      {kQuick + Words{"--jobs", "two"}, "--jobs must be a whole number; got 'two'."},
      {kQuick + Words{"--jobs", "0"}, "n_jobs"},
      {kQuick + Words{"--grid", "alhpa=1"}, "no parameter 'alhpa'. Did you mean 'alpha'?"},
      {kQuick + Words{"--grid", "solver=lbfg"}, "Did you mean 'lbfgs'?"},
      {kQuick + Words{"--grid", "alpha=1,-1"}, "'alpha' parameter"},
      {kQuick + Words{"--grid", "alpha"}, "write NAME=VALUES"},
      {kQuick + Words{"--grid", "alpha=1", "--grid", "alpha=2"}, "named twice"},
      {kQuick + Words{"--grid", "alpha=1", "--grid-file", "g.json"}, "not both"},
      {kQuick + Words{"--test-size", "1.5"}, "test_size=1.5"},
      {kQuick + Words{"--test-size", "big"}, "--test-size must be a fraction"},
      {kQuick + Words{"--output", "results.txt"}, "must end with .csv or .json"},
      {kQuick + Words{"--report", "report.htm"},
       "end with .html or .md; got 'report.htm'. Did you"},
      {{"grid-search", "--dataset", "iris", "--quantile", "0.5"}, "--quantile is not a parameter"},
  };
  for (const Mistake& mistake : mistakes) {
    const auto outcome = run_app(mistake.arguments);
    EXPECT_EQ(outcome.code, 2) << mistake.answer;
    EXPECT_EQ(outcome.out, "") << mistake.answer;
    expect_one_line(outcome.err, mistake.answer);
  }
}

TEST(App, WhatCannotBeReadOrWrittenFails) {
  const TemporaryFolder folder;
  const auto fails = [](const Words& arguments, const std::string& answer) {
    const auto outcome = run_app(arguments);
    EXPECT_EQ(outcome.code, 1) << answer;
    expect_one_line(outcome.err, answer);
  };
  fails({"grid-search", folder.path("none.csv"), "--target", "y"}, "none.csv: No such file");
  const auto train = folder.write("train.csv", "a,y\n1,0\n2,1\n");
  fails({"fit", folder.path("trian.csv")}, "Did you mean '" + train + "'?");
  fails({"predict", folder.path("trian.csv"), train}, "Did you mean '" + train + "'?");
  fails({"grid-search", folder.path(""), "--target", "y"}, "is a directory");
  fails({"grid-search", folder.write("t.csv", "a,y\n1,0\nx,1\n"), "--target", "y"},
        "t.csv, line 3, column 1: 'x'");
  fails(kQuick + Words{"--output", folder.path("none/r.csv")}, "Cannot write");
  fails(kQuick + Words{"--grid-file", folder.path("g.json")}, "g.json: No such file");
}

TEST(App, ThePlanTheTableAndTheBest) {
  const auto outcome =
      run_app(kQuick + Words{"--grid", "alpha=0.1,100.0", "--cv", "3", "--jobs", "1"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "");
  expect_has(outcome.out, "iris: 150 samples, 4 features, 3 classes\n");
  expect_has(outcome.out,
             "StandardScaler + MLPClassifier: 2 candidates x 3 folds = 6 fits on 1 thread\n");
  expect_has(outcome.out,
             "alpha  mean test  std test  mean train  std train  rank  fit time\n*    0.1");
  expect_has(outcome.out, "\nbest: alpha=0.1, mean test score 0.");
  expect_has(outcome.out, "\n6 fits in ");
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos);
}

/// What a flag and a grid say together is what is judged.
TEST(App, ASearchOverListsOfActivations) {
  const Words search = kQuick + Words{"--cv", "2", "--jobs", "1", "-q", "--grid"};
  EXPECT_EQ(run_app(search + Words{"activation=[relu],tanh"}).code, 0);
  const auto outcome =
      run_app(search + Words{"hidden_layer_sizes=(5,3),(3,3)", "--activation", "relu,tanh"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  expect_has(outcome.out, "best: hidden_layer_sizes=(");
}

TEST(App, QuietSaysOnlyTheLastLines) {
  const auto outcome = run_app(kQuick + Words{"-q"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(outcome.out.starts_with("best: the parameters as given, mean test score 0."))
      << outcome.out;
}

TEST(App, HoldsOutATestPart) {
  const auto outcome = run_app({"grid-search", "--dataset", "breast_cancer", "--scale", "standard",
                                "--solver", "lbfgs", "--seed", "1", "--alpha", "10", "--test-size",
                                "0.25", "--split-seed", "0"});
  expect_has(outcome.out, "426 samples to search on, 143 held out\n");
  expect_has(outcome.out, "mean test score 0.983611\n");
  expect_has(outcome.out, "score on the 143 held out: 0.958042\n");
}

TEST(App, ResultsGoToAFile) {
  const TemporaryFolder folder;
  const Words search = kQuick + Words{"--grid", "alpha=0.1,1", "-q", "--output"};
  EXPECT_EQ(run_app(search + Words{folder.path("r.csv")}).code, 0);
  expect_has(folder.read("r.csv"), "mean_fit_time,std_fit_time,");
  EXPECT_EQ(run_app(search + Words{folder.path("r.json")}).code, 0);
  const auto json = nlohmann::json::parse(folder.read("r.json"));
  EXPECT_EQ(json.at("cv_results_").at("param_alpha").size(), 2u);
  EXPECT_EQ(folder.n_files(), 2u);
}

TEST(App, AReportIsAPageOrMarkdown) {
  const TemporaryFolder folder;
  const Words search = kQuick + Words{"--grid", "alpha=0.1,1", "-q", "--report"};
  EXPECT_EQ(run_app(search + Words{folder.path("r.html")}).code, 0);
  const std::string page = folder.read("r.html");
  expect_has(page, "<!doctype html>");
  expect_has(page, R"("name":"alpha","values":[0.1,1])");  // and not mlpclassifier__alpha
  expect_has(page, R"("history":[["loss",[["training",[)");
  EXPECT_EQ(run_app(search + Words{folder.path("r.md")}).code, 0);
  expect_has(folder.read("r.md"), "## Best parameters");
  const auto alone = run_app(search + Words{"-"});
  EXPECT_EQ(alone.code, 0);
  EXPECT_TRUE(alone.out.starts_with("<!doctype html>"));
  EXPECT_TRUE(alone.out.ends_with("</html>\n"));
}

TEST(App, AFileThatCannotBeWrittenTakesNothingWithIt) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("/dev/full", folder.path("full.csv"));
  const auto outcome = run_app(
      kQuick + Words{"--output", folder.path("full.csv"), "--save-model", folder.path("m")});
  EXPECT_EQ(outcome.code, 1);
  expect_has(outcome.out, "mean test");
  expect_has(outcome.err, "No space left on device");
  EXPECT_TRUE(std::filesystem::exists(folder.path("m")));
}

TEST(App, ResultsOnStandardOutputAreAlone) {
  const auto outcome = run_app(kQuick + Words{"--grid", "alpha=0.1,1", "--output", "-"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(outcome.out.starts_with("mean_fit_time,")) << outcome.out;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 3);
  expect_has(outcome.err, "best: alpha=0.1");
}

TEST(App, ASearchWithoutAScoreFails) {
  const TemporaryFolder folder;
  const auto outcome = run_app({"grid-search", "--dataset", "diabetes", "--scoring", "accuracy",
                                "--max-iter", "1", "--save-model", folder.path("m")});
  EXPECT_EQ(outcome.code, 1);
  expect_has(outcome.err, "skarma: no candidate has a score: none is the best");
  EXPECT_EQ(folder.n_files(), 0U);
}

TEST(App, SaysWhatDidNotConvergeAndWhatLiesAtTheEdge) {
  const auto outcome =
      run_app(kQuick + Words{"--max-iter", "5", "--cv", "3", "--grid", "alpha=1,1000,100000"});
  EXPECT_EQ(outcome.code, 0);
  expect_has(outcome.err, "of 9 fits: ");
  expect_has(outcome.err, "Increase the number of iterations");
  expect_has(outcome.err, "the best alpha, 1, is the smallest of the 3 that were tried");
}

TEST(App, AdvisesWhatWouldHelpAFitThatDidNotConverge) {
  const auto warning = [](const Words& more) {
    return run_app(Words{"grid-search", "--dataset", "iris", "--max-iter", "2", "--seed", "1"} +
                   more)
        .err;
  };
  EXPECT_TRUE(warning({}).ends_with(
      "yet. (--max-iter allows more iterations, --scale standard scales the data)\n"));
  EXPECT_TRUE(
      warning({"--scale", "minmax"}).ends_with("yet. (--max-iter allows more iterations)\n"));
  EXPECT_TRUE(warning({"--solver", "lbfgs"}).ends_with("preprocessing.html\n"));
}

TEST(App, SaysOnHowManyThreadsTheFitsAre) {
  expect_has(run_app(kQuick + Words{"--jobs", "100000"}).out,
             "fits on " + counted(static_cast<std::size_t>(available_cores()), "thread") + "\n");
}

TEST(App, AFileAndTheDataSetGiveTheSame) {
  const TemporaryFolder folder;
  const std::string csv = std::string(SKARMA_GOLDEN_DIR) + "/../../datasets/data/iris.csv";
  Words from_file = kQuick;
  from_file[1] = csv;
  from_file[2] = "--target=target";
  const Words more = {"--grid", "alpha=0.1,1", "-q"};
  const auto best_of = [](const std::string& text) { return text.substr(0, text.find('\n')); };
  EXPECT_EQ(best_of(run_app(from_file + more).out), best_of(run_app(kQuick + more).out));
}

TEST(App, GridFilesAndOtherTasks) {
  const TemporaryFolder folder;
  const auto grid =
      folder.write("g.json", R"([{"alpha": [0.1]}, {"hidden_layer_sizes": [[3], [2, 2]]}])");
  const auto outcome = run_app({"grid-search", "--dataset", "diabetes", "--solver", "lbfgs",
                                "--seed", "1", "--scale", "minmax", "--grid-file", grid,
                                "--scoring", "r2", "--dtype", "float32", "--max_iter=20"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  expect_has(outcome.out, "MinMaxScaler + MLPRegressor: 3 candidates");
  expect_has(outcome.out, "alpha  hidden_layer_sizes");
}

TEST(App, SeveralScorings) {
  const auto outcome = run_app(kQuick + Words{"--grid", "alpha=0.1,100", "--scoring", "accuracy",
                                              "--scoring", "f1_macro", "--refit", "f1_macro"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  expect_has(outcome.out, "accuracy test       std     train  f1_macro test");
  expect_has(outcome.out, "best: alpha=0.1, mean test f1_macro 0.");
}

TEST(App, WeightsAndSeveralTargets) {
  const TemporaryFolder folder;
  std::string text = "a,b,w,y1,y2\n";
  for (int i = 0; i < 30; ++i) text += fmt::format("{},{},1,{}.5,{}\n", i, i % 7, i, 2 * i);
  const auto path = folder.write("t.csv", text);
  const auto outcome = run_app({"grid-search", path, "--target", "y1", "--target", "y2",
                                "--weights", "w", "--solver", "lbfgs", "--seed", "1", "--cv", "3"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  expect_has(outcome.out, "t.csv: 30 samples, 2 features, 2 numbers to predict");
}

TEST(App, AnEarlyStopRequestInterrupts) {
  std::stop_source source;
  source.request_stop();
  const auto outcome = run_app(kQuick, source.get_token());
  EXPECT_EQ(outcome.code, 130);
  expect_has(outcome.err, "interrupted before any candidate was complete");
}

}  // namespace
}  // namespace skarma::cli
