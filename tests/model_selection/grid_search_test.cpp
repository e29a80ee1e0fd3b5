#include <skarma/model_selection/grid_search.hpp>

#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include <cmath>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/model_selection/grid_expression.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::Json;

const Matrix<double>& cancer_x() {
  static const Matrix<double> x = test::matrix(test::golden("data_breast_cancer")["X"]);
  return x;
}

const Target& cancer_y() {
  static const Target y(test::ints(test::golden("data_breast_cancer")["y"]));
  return y;
}

Pipeline scaled_lbfgs() {
  return make_pipeline(StandardScaler(), MLPClassifier({.solver = "lbfgs", .random_state = 1}));
}

ParamGrid alphas() { return {parse_grid_expression("mlpclassifier__alpha=logspace(-3,3,7)")}; }

std::vector<std::string> column_names(const CvResults& results) {
  std::vector<std::string> names;
  for (const CvColumn& column : results.columns) names.push_back(column.name);
  return names;
}

// ---- scikit-learn's own figures -------------------------------------------------------------

TEST(GridSearchGolden, BreastCancerFoldScoresAreScikitLearns) {
  const Json& golden = test::golden("grid_breast_cancer_lbfgs");
  GridSearchCV search(scaled_lbfgs(), alphas(), {.return_train_score = true, .n_jobs = 2});
  search.fit(cancer_x(), cancer_y());

  const CvResults& results = search.cv_results();
  int n_equal = 0;
  for (const CvColumn& column : results.columns) {
    if (column.name.ends_with("_time") ||
        !std::holds_alternative<std::vector<double>>(column.values)) {
      continue;
    }
    const auto expected = test::numbers(golden["cv_results_"][column.name]);
    const auto& scores = results.numbers(column.name);
    EXPECT_TRUE(test::close(scores, expected, 1e-15)) << column.name;
    if (!column.name.starts_with("split")) continue;
    for (std::size_t i = 0; i < scores.size(); ++i) n_equal += scores[i] == expected[i] ? 1 : 0;
  }
  EXPECT_EQ(n_equal, 70);
  EXPECT_EQ(results.ranks("rank_test_score"), test::ints(golden["cv_results_"]["rank_test_score"]));
  EXPECT_EQ(search.best_index(), golden["best_index_"].get<std::size_t>());
  EXPECT_EQ(to_text(search.best_params()[0].second), "10.0");
  EXPECT_EQ(search.best_score(), golden["best_score_"].get<double>());
  const auto& best = dynamic_cast<const Pipeline&>(search.best_estimator());
  EXPECT_EQ(dynamic_cast<const MLPClassifier&>(best.estimator()).n_iter(),
            golden["refit_n_iter_"].get<int>());

  auto expected_names = golden["cv_results_key_order"].get<std::vector<std::string>>();
  std::erase(expected_names, "params");
  EXPECT_EQ(column_names(results), expected_names);
}

TEST(GridSearchGolden, SeveralMetricsOverAListOfGridsAreScikitLearns) {
  const Json& golden = test::golden("grid_iris_adam_sgd");
  const auto model = make_pipeline(StandardScaler(), MLPClassifier({.hidden_layer_sizes = {5},
                                                                    .learning_rate_init = 0.01,
                                                                    .max_iter = 15,
                                                                    .random_state = 1}));
  const ParameterGrid grid(std::vector<ParamGrid>{
      {{"mlpclassifier__alpha", {1e-4, 1.0}},
       {"mlpclassifier__activation", {std::string("tanh"), std::string("relu")}}},
      {{"mlpclassifier__solver", {std::string("sgd")}},
       {"mlpclassifier__learning_rate_init", {0.01, 0.1}}}});
  GridSearchCV search(model, grid,
                      {.scoring = {"accuracy", "neg_log_loss", "f1_macro"},
                       .cv = 3,
                       .refit = "neg_log_loss",
                       .return_train_score = true});
  search.fit(test::matrix(test::golden("data_iris")["X"]),
             test::ints(test::golden("data_iris")["y"]));

  const CvResults& results = search.cv_results();
  auto expected_names = golden["cv_results_key_order"].get<std::vector<std::string>>();
  std::erase(expected_names, "params");
  EXPECT_EQ(column_names(results), expected_names);
  for (const CvColumn& column : results.columns) {
    if (column.name.ends_with("_time")) continue;
    const Json& expected = golden["cv_results_"][column.name];
    if (std::holds_alternative<std::vector<double>>(column.values)) {
      EXPECT_TRUE(test::close(results.numbers(column.name), test::numbers(expected), 1e-9))
          << column.name;
    } else if (column.name.starts_with("rank_")) {
      EXPECT_EQ(results.ranks(column.name), test::ints(expected)) << column.name;
    } else {
      const auto& values = std::get<std::vector<std::optional<ParamValue>>>(column.values);
      for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(values[i].has_value(), !expected[i].is_null()) << column.name << " " << i;
      }
    }
  }
  EXPECT_EQ(search.best_index(), golden["best_index_"].get<std::size_t>());
  EXPECT_NEAR(search.best_score(), golden["best_score_"].get<double>(), 1e-9);
}

/// The 426 training rows of the lecture: train_test_split(stratify=y, random_state=0).
TrainTest lecture_split() {
  return train_test_split(cancer_y(), {.random_state = 0, .stratify = true});
}

TEST(GridSearchGolden, TheHeldOutSearchFindsAlphaTen) {
  const auto parts = lecture_split();
  const SampleView x(cancer_x());
  GridSearchCV search(scaled_lbfgs(), alphas(), {.n_jobs = 2});
  search.fit(x.rows(parts.train), cancer_y().rows(parts.train));
  // Experiment E07 with cv=5 of scikit-learn 1.9.1, and E08's score of the refitted estimator.
  EXPECT_TRUE(test::close(
      search.cv_results().numbers("mean_test_score"),
      std::vector{0.981231, 0.981231, 0.976553, 0.978878, 0.983611, 0.939097, 0.626758}, 6e-7));
  EXPECT_EQ(to_text(search.best_params()[0].second), "10.0");
  EXPECT_NEAR(search.score(x.rows(parts.test), cancer_y().rows(parts.test)), 0.9580, 5e-5);
}

/// The fold rule of scikit-learn before 0.22: within each class, consecutive blocks.
std::vector<TrainTest> blocks_within_classes(const Target& y, std::size_t n_folds) {
  std::vector<std::size_t> fold_of(y.n_samples());
  for (std::int32_t label = 0; label < static_cast<std::int32_t>(n_classes(y.classes())); ++label) {
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < y.n_samples(); ++i) {
      if (y.codes()[i] == label) members.push_back(i);
    }
    std::size_t next = 0;
    for (std::size_t f = 0; f < n_folds; ++f) {
      const std::size_t size = members.size() / n_folds + (f < members.size() % n_folds ? 1 : 0);
      for (std::size_t k = 0; k < size; ++k) fold_of[members[next++]] = f;
    }
  }
  std::vector<TrainTest> folds(n_folds);
  for (std::size_t f = 0; f < n_folds; ++f) {
    for (std::size_t i = 0; i < fold_of.size(); ++i) {
      (fold_of[i] == f ? folds[f].test : folds[f].train).push_back(static_cast<RowIndex>(i));
    }
  }
  return folds;
}

double rounded(double v) { return std::round(v * 1e6) / 1e6; }

TEST(GridSearchGolden, TheLecturesTableComesOutToTheLastDigit) {
  const auto parts = lecture_split();
  const Target y = cancer_y().rows(parts.train);
  const auto folds = blocks_within_classes(y, 5);
  GridSearchCV search(scaled_lbfgs(), alphas(),
                      {.cv = folds, .refit = false, .return_train_score = true, .n_jobs = 2});
  search.fit(SampleView(cancer_x()).rows(parts.train), y);

  // The table of the lecture: its test means weigh folds by their size, its train means do not.
  const std::vector<double> test = {0.978873, 0.981221, 0.971831, 0.978873,
                                    0.983568, 0.938967, 0.626761};
  const std::vector<double> train = {1.0, 1.0, 1.0, 0.999412, 0.990612, 0.945427, 0.626761};
  const CvResults& results = search.cv_results();
  for (std::size_t c = 0; c < test.size(); ++c) {
    double weighted = 0.0;
    for (std::size_t f = 0; f < folds.size(); ++f) {
      const double score = results.numbers("split" + std::to_string(f) + "_test_score")[c];
      weighted += score * static_cast<double>(folds[f].test.size());
    }
    EXPECT_EQ(rounded(weighted / static_cast<double>(y.n_samples())), test[c]) << "row " << c;
    EXPECT_EQ(rounded(results.numbers("mean_train_score")[c]), train[c]) << "row " << c;
  }
}

// ---- threads, stopping ------------------------------------------------------------------------

struct SmallSearch {
  Matrix<double> x{60, 2};
  std::vector<int> y;
  SmallSearch() {
    RandomState random_state(3);
    for (std::size_t i = 0; i < x.rows(); ++i) {
      for (double& v : x.row(i)) v = random_state.uniform(-1, 1);
      y.push_back(x(i, 0) * x(i, 1) > 0 ? 1 : 0);
    }
  }
};

const ParamGrid kSmallGrid = {{"hidden_layer_sizes", {std::int64_t{3}, std::int64_t{6}}},
                              {"solver", {std::string("adam"), std::string("lbfgs")}}};

MLPClassifier small_model() { return MLPClassifier({.max_iter = 20, .random_state = 7}); }

TEST(GridSearchThreads, ScoresAreBitEqualForAnyNumberOfThreads) {
  const SmallSearch data;
  std::vector<CvResults> results;
  for (const int n_jobs : {1, 2, 4}) {
    GridSearchCV search(small_model(), kSmallGrid,
                        {.cv = 4, .return_train_score = true, .n_jobs = n_jobs});
    results.push_back(search.fit(data.x, data.y).cv_results());
  }
  for (const CvColumn& column : results[0].columns) {
    if (!column.name.ends_with("_score") || column.name.starts_with("rank")) continue;
    for (const CvResults& other : results) {
      EXPECT_TRUE(test::same_bits(other.numbers(column.name), results[0].numbers(column.name)));
    }
  }
}

TEST(GridSearchThreads, AStopRequestKeepsWhatIsComplete) {
  const SmallSearch data;
  std::stop_source stop;
  std::size_t n_reports = 0;
  GridSearchCV search(small_model(), kSmallGrid,
                      {.cv = 2,
                       .n_jobs = 2,
                       .stop = stop.get_token(),
                       .progress = [&](const SearchProgress& progress) {
                         ++n_reports;
                         EXPECT_EQ(progress.n_done, n_reports);
                         EXPECT_EQ(progress.n_all, 8U);
                         if (progress.n_done == 4) stop.request_stop();
                       }});
  search.fit(data.x, data.y);
  EXPECT_TRUE(search.interrupted());
  const auto& rows = search.cv_results().params;
  ASSERT_GE(rows.size(), 1U);
  ASSERT_LT(rows.size(), 4U);
  GridSearchCV whole(small_model(), kSmallGrid, {.cv = 2});
  whole.fit(data.x, data.y);
  const auto& all = whole.cv_results().params;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto same =
        static_cast<std::size_t>(std::find(all.begin(), all.end(), rows[i]) - all.begin());
    ASSERT_LT(same, all.size());
    EXPECT_EQ(search.cv_results().numbers("mean_test_score")[i],
              whole.cv_results().numbers("mean_test_score")[same]);
  }
  EXPECT_THROW(search.best_estimator(), std::logic_error);
  EXPECT_EQ(search.best_params(), rows[search.best_index()]);
}

TEST(GridSearchThreads, AnObserverIsToldEveryFitOnce) {
  const SmallSearch data;
  std::mutex mutex;
  std::set<std::pair<std::size_t, std::size_t>> told;
  GridSearchCV search(small_model(), kSmallGrid,
                      {.cv = 2, .n_jobs = 2, .observer = [&](const FitReport& report) {
                         EXPECT_GT(report.result.test_scores.at(0), 0.0);
                         EXPECT_NE(report.estimator, nullptr);
                         const std::lock_guard lock(mutex);
                         EXPECT_TRUE(told.emplace(report.candidate, report.fold).second);
                       }});
  search.fit(data.x, data.y);
  EXPECT_EQ(told.size(), 8U);
}

TEST(GridSearch, WarningsOfTheFitsAreCountedOnce) {
  const SmallSearch data;
  MLPClassifier short_runs({.hidden_layer_sizes = {2}, .max_iter = 1, .random_state = 0});
  GridSearchCV search(short_runs, ParamGrid{{"alpha", {0.1, 1.0}}}, {.cv = 2});
  search.fit(data.x, data.y);
  EXPECT_EQ(search.fit_warnings(),
            std::vector<std::string>{"4 of 4 fits: Stochastic Optimizer: Maximum iterations (1) "
                                     "reached and the optimization hasn't converged yet."});
}

TEST(GridSearch, TheBestKnowsTheNamesOfTheFeatures) {
  const SmallSearch data;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < SampleView(data.x).n_features(); ++i) {
    names.push_back("f" + std::to_string(i));
  }
  GridSearchCV search(small_model(), kSmallGrid, {.cv = 2});
  search.fit(data.x, data.y, {}, names);
  EXPECT_EQ(dynamic_cast<const MLPClassifier&>(search.best_estimator()).feature_names_in(), names);
}

// ---- refit, failures, bad input ---------------------------------------------------------------

TEST(GridSearch, RefitsTheBestCandidateOnAllSamples) {
  const SmallSearch data;
  GridSearchCV search(small_model(), kSmallGrid, {.cv = 3});
  search.fit(data.x, data.y);
  MLPClassifier by_hand = small_model();
  for (const auto& [name, value] : search.best_params()) by_hand.set(name, value);
  by_hand.fit(data.x, data.y);
  EXPECT_EQ(search.predict(data.x).codes(), by_hand.predict(data.x).codes());
  EXPECT_EQ(search.score(data.x, data.y), by_hand.score(data.x, data.y));
  EXPECT_GT(search.refit_time(), 0.0);
  EXPECT_EQ(search.n_splits(), 3U);
}

TEST(GridSearch, SampleWeightsReachFitAndScore) {
  const SmallSearch data;
  std::vector<double> weights(data.y.size(), 0.0);
  for (std::size_t i = 0; i < weights.size(); i += 2) weights[i] = 1.0;
  GridSearchCV weighted(small_model(), {{{"solver", {std::string("lbfgs")}}}}, {.cv = 2});
  weighted.fit(data.x, data.y, weights);
  GridSearchCV plain(small_model(), {{{"solver", {std::string("lbfgs")}}}}, {.cv = 2});
  plain.fit(data.x, data.y);
  EXPECT_NE(weighted.best_score(), plain.best_score());
}

TEST(GridSearch, AFailedFitGetsTheErrorScore) {
  const SmallSearch data;
  const ParamGrid grid = {{"alpha", {-1.0, 0.1}}};
  GridSearchCV search(small_model(), grid, {.cv = 2});
  search.fit(data.x, data.y);
  EXPECT_TRUE(std::isnan(search.cv_results().numbers("mean_test_score")[0]));
  EXPECT_EQ(search.cv_results().ranks("rank_test_score"), (std::vector<std::int32_t>{2, 1}));
  ASSERT_EQ(search.warnings().size(), 2U);
  EXPECT_TRUE(test::contains(search.warnings()[0], "2 fits failed out of a total of 4"));
  EXPECT_TRUE(test::contains(search.warnings()[0], "The 'alpha' parameter of MLPClassifier"));
  EXPECT_TRUE(test::contains(search.warnings()[1], "non-finite"));

  GridSearchCV raising(small_model(), grid, {.cv = 2, .error_score = std::nullopt});
  EXPECT_THROW_WITH(raising.fit(data.x, data.y), std::invalid_argument, "The 'alpha' parameter");
  GridSearchCV hopeless(small_model(), {{{"alpha", {-1.0}}}}, {.cv = 2});
  EXPECT_THROW_WITH(hopeless.fit(data.x, data.y), std::invalid_argument, "All the 2 fits failed.");
}

TEST(GridSearch, AnObserverJudgesFailuresItself) {
  const SmallSearch data;
  std::size_t n_failed = 0;
  GridSearchCV search(small_model(), {{{"alpha", {-1.0}}}},
                      {.cv = 2, .refit = false, .observer = [&](const FitReport& report) {
                         n_failed += report.result.fit_exception ? 1 : 0;
                       }});
  search.fit(data.x, data.y);
  EXPECT_EQ(n_failed, 2U);
  EXPECT_TRUE(search.warnings().empty());
}

TEST(GridSearch, AWrongNameEndsTheSearchBeforeAnyFit) {
  const SmallSearch data;
  bool fitted = false;
  GridSearchCV search(small_model(), {{{"alhpa", {0.1}}}},
                      {.progress = [&](const SearchProgress&) { fitted = true; }});
  EXPECT_THROW_WITH(search.fit(data.x, data.y), std::invalid_argument, "Did you mean 'alpha'?");
  EXPECT_FALSE(fitted);
}

TEST(GridSearch, RefitChoosesTheMetricOrTheCandidate) {
  const SmallSearch data;
  const Scoring both = {"accuracy", "neg_log_loss"};
  const auto search = [&](Refit refit) {
    GridSearchCV made(small_model(), kSmallGrid, {.scoring = both, .cv = 2, .refit = refit});
    made.fit(data.x, data.y);
    return made;
  };
  EXPECT_THROW_WITH(search(true), std::invalid_argument, "For multi-metric scoring");
  EXPECT_THROW_WITH(search("f1"), std::invalid_argument, "'f1' was passed");
  const auto by_loss = search("neg_log_loss");
  const auto& losses = by_loss.cv_results().numbers("mean_test_neg_log_loss");
  EXPECT_EQ(by_loss.best_score(), *std::max_element(losses.begin(), losses.end()));
  const auto off = search(false);
  EXPECT_THROW(off.best_index(), std::logic_error);
  const auto last = search([](const CvResults& results) { return results.params.size() - 1; });
  EXPECT_EQ(last.best_index(), 3U);
  EXPECT_THROW(last.best_score(), std::logic_error);
  EXPECT_EQ(last.predict(data.x).n_samples(), 60U);
  EXPECT_THROW(search([](const CvResults&) { return std::size_t{99}; }), std::out_of_range);
}

TEST(GridSearch, AFailedScoringSparesTheOtherMetrics) {
  const SmallSearch data;
  const Scorer failing(
      "mine",
      [](const Estimator&, const SampleView&, const Target&, std::span<const double>) -> double {
        throw std::runtime_error("no figure today");
      });
  GridSearchCV search(small_model(), ParamGrid{},
                      {.scoring = {"accuracy", failing}, .cv = 2, .refit = "accuracy"});
  search.fit(data.x, data.y);
  EXPECT_TRUE(std::isnan(search.cv_results().numbers("mean_test_mine")[0]));
  EXPECT_FALSE(std::isnan(search.best_score()));
  EXPECT_TRUE(test::contains(search.warnings()[0], "no figure today"));
}

TEST(GridSearch, TakesCandidatesThatAreListed) {
  const SmallSearch data;
  const ParamSets listed = {{{"solver", std::string("lbfgs")}, {"alpha", 1.0}}, {}};
  GridSearchCV search(small_model(), listed, {.cv = 2});
  search.fit(data.x, data.y);
  const CvResults& results = search.cv_results();
  EXPECT_EQ(column_names(results)[4], "param_solver");
  EXPECT_EQ(results.params[0], listed[0]);
  GridSearchCV grid(small_model(), ParamGrid{{"solver", {std::string("lbfgs")}}, {"alpha", {1.0}}},
                    {.cv = 2});
  EXPECT_EQ(results.numbers("mean_test_score")[0],
            grid.fit(data.x, data.y).cv_results().numbers("mean_test_score")[0]);
}

TEST(GridSearch, SaysWhenThereIsNothingYet) {
  const SmallSearch data;
  GridSearchCV search(small_model(), kSmallGrid, {.cv = 2, .refit = false});
  EXPECT_THROW(search.cv_results(), NotFittedError);
  EXPECT_THROW(search.best_index(), std::logic_error);
  EXPECT_FALSE(search.has_best());
  search.fit(data.x, data.y);
  EXPECT_TRUE(search.has_best()) << "but not fitted again";
  EXPECT_THROW_WITH(search.best_estimator(), std::logic_error, "refit=False");
  EXPECT_THROW_WITH(search.fit(data.x, std::vector<int>{1, 0}), std::invalid_argument,
                    "inconsistent numbers of samples: [60, 2]");
}

}  // namespace
}  // namespace skarma
