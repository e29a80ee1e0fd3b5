#include <skarma/model_selection/report/search_report.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <skarma/datasets/embedded.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>

namespace skarma {
namespace {

using nlohmann::json;

GridSearchCV searched(ParameterGrid grid, GridSearchOptions options = {}) {
  const Dataset iris = load_dataset("iris");
  options.cv = 3;
  options.return_train_score = true;
  GridSearchCV search(MLPClassifier({.hidden_layer_sizes = {4}, .max_iter = 5, .random_state = 0}),
                      grid, options);
  search.fit(iris.x, iris.y);
  return search;
}

TEST(SearchReport, HasTheFiguresOfTheSearch) {
  const auto search = searched({{{"alpha", {0.1, 1.0}}, {"activation", {"relu", "tanh"}}}});
  const json report = json::parse(report_data(search, {.title = "A search"}));
  EXPECT_EQ(report["title"], "A search");
  EXPECT_EQ(report["n_candidates"], 4);
  EXPECT_EQ(report["n_splits"], 3);
  EXPECT_EQ(report["best"], search.best_index());
  EXPECT_EQ(report["best_score"], search.best_score());
  ASSERT_EQ(report["metrics"].size(), 1u);
  const json& metric = report["metrics"][0];
  EXPECT_EQ(metric["name"], "score");
  const auto& results = search.cv_results();
  EXPECT_EQ(metric["test_mean"], json(results.numbers("mean_test_score")));
  EXPECT_EQ(metric["test_std"], json(results.numbers("std_test_score")));
  EXPECT_EQ(metric["train_mean"], json(results.numbers("mean_train_score")));
  EXPECT_EQ(metric["rank"], json(results.ranks("rank_test_score")));
  ASSERT_EQ(report["parameters"].size(), 2u);
  EXPECT_EQ(report["parameters"][0]["name"], "activation");
  EXPECT_EQ(report["parameters"][0]["values"], json({"relu", "relu", "tanh", "tanh"}));
  EXPECT_EQ(report["parameters"][1]["values"], json({0.1, 1.0, 0.1, 1.0}));
  ASSERT_EQ(report["warnings"].size(), 1u);  // no convergence
  EXPECT_NE(report["warnings"][0][0].get<std::string>().find("12 of 12"), std::string::npos);
}

TEST(SearchReport, SaysWhichScoresDecide) {
  GridSearchOptions options;
  options.scoring = std::vector<Scorer>{Scorer("accuracy"), Scorer("f1_macro")};
  options.refit = "f1_macro";
  const auto search = searched({{{"alpha", {0.1, 1.0}}}}, options);
  const json report = json::parse(report_data(search, {.metric = "f1_macro"}));
  EXPECT_EQ(report["leading"], 1);
  EXPECT_EQ(report["metrics"][1]["name"], "f1_macro");
  EXPECT_THROW(report_data(search, {.metric = "f2"}), std::invalid_argument);
}

TEST(SearchReport, ShowsWhatFailed) {
  const auto search = searched({{{"alpha", {-1.0, 1.0}}}});
  const std::string data = report_data(search);
  const json report = json::parse(data);
  EXPECT_TRUE(report["metrics"][0]["test_mean"][0].is_null());
  ASSERT_FALSE(report["failures"].empty());
  EXPECT_NE(report["failures"][0][0].get<std::string>().find("3 fits failed"), std::string::npos);
  EXPECT_NE(report_markdown(data).find("## Failures"), std::string::npos);
}

TEST(SearchReport, KeepsTheBestOfManyCandidates) {
  std::vector<double> alphas;
  for (int i = 0; i < 2100; ++i) alphas.push_back(1e-3 * (i + 1));
  ParamSets sets(ParameterGrid{{{"alpha", std::vector<ParamValue>(alphas.begin(), alphas.end())}}});
  const Dataset iris = load_dataset("iris");
  GridSearchCV search(
      MLPClassifier({.hidden_layer_sizes = {1}, .solver = "sgd", .max_iter = 1, .random_state = 0}),
      sets, {.cv = 2, .refit = false});
  search.fit(iris.x, iris.y);
  const std::string data = report_data(search);
  const json report = json::parse(data);
  EXPECT_EQ(report["n_candidates"], 2100);
  EXPECT_EQ(report["fit_time"].size(), 2000u);
  const auto place = report["best"].get<std::size_t>();
  EXPECT_EQ(report["metrics"][0]["rank"][place], 1);
  EXPECT_EQ(report["parameters"][0]["values"][place], alphas[search.best_index()]);
  EXPECT_NE(report_markdown(data).find("The best 20 of 2100 candidates."), std::string::npos);
}

TEST(SearchReport, IsOnePageThatNeedsNothing) {
  const auto search = searched({{{"alpha", {0.1, 1.0}}}});
  const std::string title = "</script><b>& \"quoted\"";
  HistoryTable history;
  history.validation_score = {0.5};
  history.loss = {2.0, 1.0, std::numeric_limits<double>::quiet_NaN()};
  const std::string data = report_data(search, {.title = title, .history = history});
  const std::string page = report_html(data);
  EXPECT_TRUE(page.starts_with("<!doctype html>"));
  EXPECT_EQ(page.find("SKARMA_REPORT_DATA"), std::string::npos);
  EXPECT_EQ(page.find("</script><b>"), std::string::npos);
  for (const char* outside : {"src=", "href=", "@import", "url("}) {
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  }
  const std::string tag = R"(<script type="application/json" id="data">)";
  const std::size_t begin = page.find(tag) + tag.size();
  const json report = json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  EXPECT_EQ(report, json::parse(data));
  EXPECT_EQ(report["title"], title);
  EXPECT_EQ(report["history"], json::parse(R"([["loss", [["training", [2.0, 1.0, null]]]],
                                               ["validation score", [["validation", [0.5]]]]])"));
}

TEST(SearchReport, IsMarkdown) {
  const std::string text = report_markdown(R"({
    "title": "A | B", "subtitle": "", "made": "", "n_splits": 5, "fit_seconds": 1,
    "refit_time": null, "best": 0, "history": [], "n_candidates": 2, "best_score": 0.5,
    "best_params": [["units", 3]], "leading": 0,
    "metrics": [{"name": "score", "test_mean": [0.5, null], "test_std": [0.25, null],
                 "train_mean": null, "rank": [1, 2]}],
    "parameters": [{"name": "units", "values": [3, null]}], "fit_time": [0.125, 1],
    "failures": [["bad\nnews", 4]], "warnings": []})");
  EXPECT_EQ(text, R"(# A \| B

2 candidates on 5 folds; best score 0.5

## Best parameters

| parameter | value |
| --- | --- |
| units | 3 |

## Candidates

| rank | units | test score | deviation | fit (s) |
| --- | --- | --- | --- | --- |
| 1 | 3 | 0.5 | 0.25 | 0.125 |
| 2 | – | – | – | 1 |

## Failures

- 4 x bad news
)");
}

TEST(SearchReport, RefusesOtherText) {
  for (const char* text :
       {"", "{", "[]", R"({"metrics": []})", R"({"metrics": [], "parameters": []})"}) {
    EXPECT_THROW(report_html(text), std::invalid_argument) << text;
    EXPECT_THROW(report_markdown(text), std::invalid_argument) << text;
  }
  json report = json::parse(report_data(searched({{{"alpha", {0.1, 1.0}}}})));
  for (const char* part : {"metrics", "leading", "parameters", "fit_time"}) {
    json other = report;
    other[part] = "other";
    EXPECT_THROW(report_markdown(other.dump()), std::invalid_argument) << part;
  }
  report["leading"] = 1;
  EXPECT_THROW(report_html(report.dump()), std::invalid_argument);
}

}  // namespace
}  // namespace skarma
