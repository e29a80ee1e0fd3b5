#include <skarma/cli/input/grid_file.hpp>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

using Values = std::vector<ParamValue>;

std::vector<ParamGrid> parse(const std::string& text) { return parse_grid_json("g.json", text); }

TEST(GridFile, AnObjectIsOneGrid) {
  const auto grids = parse(R"({"alpha": [0.1, 1], "hidden_layer_sizes": [[100], [50, 20], []],
                               "solver": ["lbfgs"], "shuffle": [true], "random_state": [null]})");
  ASSERT_EQ(grids.size(), 1u);
  EXPECT_EQ(ParameterGrid(grids).candidates().size(), 6u);
  const auto values_of = [&](const std::string& wanted) {
    for (const auto& [name, values] : grids[0]) {
      if (name == wanted) return values;
    }
    return Values{};
  };
  EXPECT_EQ(values_of("alpha"), (Values{0.1, std::int64_t{1}}));
  EXPECT_EQ(values_of("random_state"), (Values{None{}}));
  EXPECT_EQ(values_of("hidden_layer_sizes"),
            (Values{std::vector<std::int64_t>{100}, std::vector<std::int64_t>{50, 20},
                    std::vector<std::int64_t>{}}));
}

TEST(GridFile, ListsOfNames) {
  using Names = std::vector<std::string>;
  const Values expected = {std::string("relu"), Names{"relu", "tanh"}};
  EXPECT_EQ(parse(R"({"activation": ["relu", ["relu", "tanh"]]})")[0][0].second, expected);
  EXPECT_EQ(parse(R"({"activation": "relu,[relu,tanh]"})")[0][0].second, expected);
}

TEST(GridFile, ListsOfReals) {
  const Values expected = {0.5, std::vector<double>{0.1, 1.0}};
  EXPECT_EQ(parse(R"({"quantile": [0.5, [0.1, 1]]})")[0][0].second, expected);
  EXPECT_EQ(parse(R"({"quantile": "0.5,[0.1,1]"})")[0][0].second, expected);
}

TEST(GridFile, AListIsSeveralGrids) {
  EXPECT_EQ(parse(R"([{"solver": ["sgd"], "momentum": [0, 0.9]}, {"solver": ["lbfgs"]}])").size(),
            2u);
}

TEST(GridFile, TextIsReadAsTheFlagIs) {
  EXPECT_EQ(parse("{\"max_iter\": \"range(1,4)\"}")[0][0].second,
            (Values{std::int64_t{1}, std::int64_t{2}, std::int64_t{3}}));
}

TEST(GridFile, MistakesNameTheirPlace) {
  const auto fails = [](const std::string& text, const std::string& part) {
    EXPECT_THROW_WITH(parse(text), DataError, part);
  };
  fails("{\"alpha\": [1,\n  2,, 3]}", "g.json, line 2, column 5: this is not JSON");
  fails("", "g.json, line 1, column 1: this is not JSON");
  fails("[]", R"(write {"alpha": [0.1, 1]})");
  fails("7", R"(write {"alpha": [0.1, 1]})");
  fails(R"({"alpha": 0.1})", "parameter 'alpha': the values to try are a list, such as [0.1]");
  fails(R"({"alpha": [{"a": 1}]})", "a value cannot be an object");
  fails(R"({"activation": [["relu", 3]]})", "\"relu\" is not a whole number");
  fails(R"({"activation": [[["relu"]]]})", "a list is not a whole number");
  fails(R"({"max_iter": [18446744073709551615]})", "18446744073709551615 is too large");
  fails("{\"alpha\": \"logspace(1)\"\n}", "parameter 'alpha': ");
}

TEST(GridFile, ReadsFromAFile) {
  const skarma::test::TemporaryFolder folder;
  EXPECT_EQ(read_grid_file(folder.write("grid.json", R"({"alpha": [1]})")).size(), 1u);
  EXPECT_THROW_WITH(read_grid_file(folder.path("none.json")), DataError, "No such file");
}

}  // namespace
}  // namespace skarma::cli
