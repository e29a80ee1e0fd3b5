#include <skarma/cli/output/result_table.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/cli/run_app.hpp>

namespace skarma::cli {
namespace {

using Parameters = std::vector<std::optional<ParamValue>>;

/// Two candidates that differ in alpha, not in solver.
CvResults example_results() {
  return {.params = {{{"alpha", 0.1}, {"solver", "lbfgs"}}, {{"alpha", 10.0}, {"solver", "lbfgs"}}},
          .columns = {{"mean_fit_time", std::vector{0.0123, 75.0}},
                      {"param_alpha", Parameters{0.1, 10.0}},
                      {"param_solver", Parameters{"lbfgs", "lbfgs"}},
                      {"mean_test_score", std::vector{0.25, 0.9836112}},
                      {"std_test_score", std::vector{0.0, 0.011869}},
                      {"rank_test_score", std::vector<std::int32_t>{2, 1}}}};
}

TEST(ResultTable, ShowsWhatVariesAndMarksTheBest) {
  EXPECT_EQ(search_table(example_results(), {}, 1, false, test::as_it_is),
            "   alpha  mean test  std test  rank    fit time\n"
            "     0.1   0.250000  0.000000     2       12 ms\n"
            "*   10.0   0.983611  0.011869     1  1 min 15 s\n");
}

TEST(ResultTable, FitsTheTerminal) {
  CvResults results = example_results();
  results.columns.push_back({"mean_train_score", std::vector{1.0, 0.5}});
  results.columns.push_back({"std_train_score", std::vector{0.0, 0.25}});
  const auto table = [&](std::size_t width) {
    return search_table(results, {}, 1, false, test::as_it_is, width);
  };
  const auto first_line = [&](std::size_t width) {
    const std::string text = table(width);
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(first_line(70),
            "   alpha  mean test  std test  mean train  std train  rank    fit time");
  EXPECT_EQ(first_line(69), "   alpha  mean test  mean train  rank    fit time");
  EXPECT_EQ(first_line(48), "   alpha  mean test  rank    fit time");
  EXPECT_EQ(first_line(36), "   alpha  mean test  rank");
  EXPECT_EQ(table(20),
            "  alpha=0.1,\n"
            "    solver=lbfgs\n"
            "    mean test 0.250000,\n"
            "    rank 2, 12 ms\n"
            "* alpha=10.0,\n"
            "    solver=lbfgs\n"
            "    mean test 0.983611,\n"
            "    rank 1,\n"
            "    1 min 15 s\n");
  for (const std::size_t width : {30u, 40u, 50u, 60u}) {
    const std::string text = table(width);
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      EXPECT_LE(end - at, width) << text;
      at = end + 1;
    }
  }
}

TEST(ResultTable, TrainScoresHaveColumnsIfTheyWereKept) {
  CvResults results = example_results();
  results.columns.push_back({"mean_train_score", std::vector{1.0, 0.5}});
  results.columns.push_back({"std_train_score", std::vector{0.0, 0.25}});
  const std::string table = search_table(results, {}, 0, false, test::as_it_is);
  EXPECT_NE(table.find("std test  mean train  std train  rank"), std::string::npos) << table;
}

TEST(ResultTable, SeveralMetricsAreNamed) {
  const CvResults results{.params = {{}},
                          .columns = {{"mean_fit_time", std::vector{0.5}},
                                      {"mean_test_a", std::vector{0.25}},
                                      {"std_test_a", std::vector{0.0}},
                                      {"rank_test_a", std::vector<std::int32_t>{7}},
                                      {"mean_test_b", std::vector{0.5}},
                                      {"std_test_b", std::vector{0.125}},
                                      {"rank_test_b", std::vector<std::int32_t>{1}},
                                      {"mean_train_b", std::vector{0.75}}}};
  EXPECT_EQ(search_table(results, {.keys = {"a", "b"}, .leading = 1}, 0, false, test::as_it_is),
            "     a test       std    b test       std     train  rank  fit time\n"
            "*  0.250000  0.000000  0.500000  0.125000  0.750000     1    500 ms\n");
}

TEST(ResultTable, NamesAreThoseOfTheUser) {
  const auto shown = [](std::string_view name) { return "<" + std::string(name) + ">"; };
  EXPECT_EQ(parameters_text(
                {{"alpha", 1.0}, {"hidden_layer_sizes", std::vector<std::int64_t>{5, 2}}}, shown),
            "<alpha>=1.0, <hidden_layer_sizes>=(5, 2)");
  EXPECT_EQ(parameters_text({}, shown), "the parameters as given");
}

TEST(ResultTable, DurationsAreForPeople) {
  EXPECT_EQ(duration_text(0.0), "0 ms");
  EXPECT_EQ(duration_text(0.9996), "1.0 s");
  EXPECT_EQ(duration_text(59.97), "1 min 00 s");
  EXPECT_EQ(duration_text(125.0), "2 min 05 s");
  EXPECT_EQ(duration_text(3720.0), "1 h 02 min");
  EXPECT_EQ(duration_text(7199.0), "2 h 00 min");
}

}  // namespace
}  // namespace skarma::cli
