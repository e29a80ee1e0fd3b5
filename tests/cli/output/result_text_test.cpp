#include <skarma/cli/output/result_text.hpp>

#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <skarma/estimators/mlp/mlp_classifier.hpp>

namespace skarma::cli {
namespace {

using Parameters = std::vector<std::optional<ParamValue>>;

std::string upper_case(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

TEST(ResultText, CsvKeepsAllDigitsAndQuotesCommas) {
  const CvResults results{
      .params = {{{"sizes", std::vector<std::int64_t>{5, 2}}}, {}},
      .columns = {
          {"param_sizes", Parameters{std::vector<std::int64_t>{5, 2}, std::nullopt}},
          {"mean_test_score", std::vector{0.1 + 0.2, std::numeric_limits<double>::quiet_NaN()}},
          {"rank_test_score", std::vector<std::int32_t>{1, 2}}}};
  EXPECT_EQ(results_as_csv(results, upper_case),
            "param_SIZES,mean_test_score,rank_test_score\n"
            "\"(5, 2)\",0.30000000000000004,1\n"
            ",nan,2\n");
}

TEST(ResultText, ListsOfNames) {
  const std::vector<std::string> names = {"relu", "tanh"};
  const CvResults results{.params = {{{"activation", names}}},
                          .columns = {{"param_activation", Parameters{names}}}};
  EXPECT_EQ(results_as_csv(results, upper_case), "param_ACTIVATION\n\"['relu', 'tanh']\"\n");
}

TEST(ResultText, JsonHasScikitLearnsKeys) {
  const std::vector<double> x = {0, 1, 2, 3, 4, 5, 6, 7};
  GridSearchCV search(
      MLPClassifier({.hidden_layer_sizes = {2}, .solver = "lbfgs", .random_state = 0}),
      ParamGrid{{"alpha", {0.1, 1.0}},
                {"batch_size", {std::string("auto")}},
                {"activation", {std::vector<std::string>{"relu"}}}},
      {.cv = 2, .refit = false});
  search.fit(MatrixView<const double>(x.data(), 8, 1), std::vector{0, 1, 0, 1, 0, 1, 0, 1});
  const auto json = nlohmann::json::parse(results_as_json(search, 0.5, upper_case));
  EXPECT_EQ(json.at("best_index_"), search.best_index());
  EXPECT_EQ(json.at("best_score_"), search.best_score());
  EXPECT_EQ(json.at("n_splits_"), 2);
  EXPECT_EQ(json.at("held_out_score"), 0.5);
  EXPECT_EQ(json.at("best_params_").at("BATCH_SIZE"), "auto");
  EXPECT_EQ(json.at("best_params_").at("ACTIVATION"), (std::vector<std::string>{"relu"}));
  const auto& columns = json.at("cv_results_");
  EXPECT_EQ(columns.at("params").at(1).at("ALPHA"), 1.0);
  EXPECT_EQ(columns.at("param_ALPHA"), (std::vector{0.1, 1.0}));
  EXPECT_EQ(columns.at("mean_test_score"), search.cv_results().numbers("mean_test_score"));
}

}  // namespace
}  // namespace skarma::cli
