#include <skarma/cli/input/csv_columns.hpp>

#include <gtest/gtest.h>

#include <skarma/cli/input/csv_reader.hpp>
#include <skarma/cli/input/csv_samples.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma::cli {
namespace {

using Positions = std::vector<std::size_t>;

const CsvRecord kHeader{1, {"age", "income", "city", "label"}};

CsvColumns choose(const ColumnChoice& choice, const CsvRecord* header = &kHeader) {
  return choose_columns("t.csv", choice, header, 4);
}

TEST(ChooseColumns, AModelFindsItsFeaturesByName) {
  const ModelFeatures model{2, {"income", "age"}};
  const auto columns = choose({.needs_target = false, .model = &model});
  EXPECT_EQ(columns.features, (Positions{1, 0}));
  const ModelFeatures other{3, {"agee", "income", "rooms"}};
  EXPECT_THROW_WITH(choose({.needs_target = false, .model = &other}), DataError,
                    "t.csv, line 1: 2 of the 3 columns that the model was fitted on are not there: "
                    "agee, rooms");
  const ModelFeatures near{1, {"agee"}};
  EXPECT_THROW_WITH(
      choose({.needs_target = false, .model = &near}), DataError,
      "there is no column 'agee', which the model was fitted on. Did you mean 'age'?");
  EXPECT_THROW_WITH(choose({.targets = {"age"}, .model = &model}), UsageError,
                    "Column 'age' is given to --target and to the model.");
}

TEST(ChooseColumns, WithoutNamesAModelTakesWhatIsLeft) {
  const ModelFeatures model{2};
  const ModelFeatures named{2, {"a", "b"}};
  EXPECT_EQ(choose({.targets = {"label"}, .dropped = {"city"}, .model = &model}).features,
            (Positions{0, 1}));
  EXPECT_EQ(
      choose({.dropped = {"1", "2"}, .needs_target = false, .model = &named}, nullptr).features,
      (Positions{2, 3}));
  EXPECT_THROW_WITH(choose({.needs_target = false, .model = &model}), DataError,
                    "the model was fitted on 2 features, and here are 4 columns");
}

TEST(ChooseColumns, ColumnsThatAModelPassesOverMayHaveAnyName) {
  const ModelFeatures model{1, {"b"}};
  const CsvRecord idle{1, {"", "x", "x", "b"}};
  EXPECT_EQ(choose({.needs_target = false, .model = &model}, &idle).features, Positions{3});
  const CsvRecord twice{1, {"b", "x", "y", "b"}};
  EXPECT_THROW_WITH(choose({.needs_target = false, .model = &model}, &twice), DataError,
                    "a second column is called 'b'");
}

TEST(ChooseColumns, ByNameAndByNumber) {
  const auto columns = choose({.targets = {"label"}, .dropped = {"3"}, .weights = "-3"});
  EXPECT_EQ(columns.targets, Positions{3});
  EXPECT_EQ(columns.weights, 1u);
  EXPECT_EQ(columns.features, Positions{0});
  EXPECT_EQ(choose({.targets = {"-1", "1"}}).features, (Positions{1, 2}));
}

TEST(ChooseColumns, TheTargetThatNobodyNamesIsTheLastFreeColumn) {
  const auto columns = choose({});
  EXPECT_EQ(columns.targets, Positions{3});
  EXPECT_TRUE(columns.target_is_default);
  EXPECT_FALSE(choose({.targets = {"label"}}).target_is_default);
  EXPECT_EQ(choose({.dropped = {"label"}}).targets, Positions{2});
  const ModelFeatures model{3, {"income", "label", "city"}};
  EXPECT_EQ(choose({.model = &model}).targets, Positions{0}) << "the one that is no feature";
  const ModelFeatures fewer{2, {"income", "label"}};
  EXPECT_THROW_WITH(choose({.model = &fewer}), UsageError,
                    "Name it with --target; t.csv has age, income, city, label.");
}

TEST(ChooseColumns, ManyNamesAreFoundAtOnce) {
  CsvRecord header{1, {}};
  const std::string front(1000, 'x');  // so that each comparison takes its time
  for (int c = 0; c < 100000; ++c) header.cells.push_back(front + std::to_string(100000 + c));
  const ModelFeatures model{header.cells.size() - 1,
                            {header.cells.begin(), header.cells.end() - 1}};
  const auto columns = choose_columns("t.csv", {.model = &model}, &header, header.cells.size());
  EXPECT_EQ(columns.features.back(), 99998u);  // in minutes, if each name is looked for in a row
}

TEST(ChooseColumns, WithoutAHeaderColumnsAreNumbered) {
  const auto columns = choose({.targets = {"-1"}}, nullptr);
  EXPECT_EQ(columns.names, (std::vector<std::string>{"x1", "x2", "x3", "x4"}));
  EXPECT_EQ(choose({.targets = {"x2"}}, nullptr).targets, Positions{1});
}

TEST(ChooseColumns, ANameThatIsANumberComesFirst) {
  const CsvRecord header{1, {"3", "2", "1", "0"}};
  EXPECT_EQ(choose({.targets = {"3"}}, &header).targets, Positions{0});
}

TEST(ChooseColumns, MistakesNameTheNearest) {
  const auto fails = [](const ColumnChoice& choice, const std::string& part) {
    EXPECT_THROW_WITH(choose(choice), UsageError, part);
  };
  fails({.targets = {"lable"}}, "--target: there is no column 'lable'. Did you mean 'label'?");
  fails({.targets = {"label"}, .dropped = {"incme"}}, "--drop: there is no column 'incme'.");
  fails({.targets = {"5"}}, "--target 5: there are 4 columns, counted from 1");
  fails({.targets = {"0"}}, "--target 0: there are 4 columns");
  fails({.targets = {"label", "4"}}, "Column 'label' is given to --target and to --target.");
  fails({.targets = {"label"}, .dropped = {"label"}}, "given to --drop and to --target");
  fails({.targets = {"1", "2", "3", "4"}}, "no column is left");
}

TEST(ChooseColumns, NamesMustTellColumnsApart) {
  const CsvRecord twice{1, {"a", "b", "a", "y"}};
  EXPECT_THROW_WITH(choose({.targets = {"y"}}, &twice), DataError,
                    "t.csv, line 1, column 3: a second column is called 'a'");
  EXPECT_EQ(choose({.targets = {"y"}, .dropped = {"3"}}, &twice).features, (Positions{0, 1}));
  const CsvRecord unnamed{1, {"", "b", "c", "y"}};
  EXPECT_THROW_WITH(choose({.targets = {"y"}}, &unnamed), DataError,
                    "line 1, column 1: the column has no name; --drop 1 leaves it out");
  EXPECT_EQ(choose({.targets = {"y"}, .dropped = {"1"}}, &unnamed).features, (Positions{1, 2}));
}

}  // namespace
}  // namespace skarma::cli
