#include <skarma/cli/input/csv_samples.hpp>

#include <gtest/gtest.h>

#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

Samples read(std::string_view text, const ColumnChoice& choice) {
  const skarma::test::TemporaryFolder folder;
  return read_csv_samples(folder.write("t.csv", text), choice, TaskChoice::detected);
}

TEST(CsvSamples, ColumnsFindTheirParts) {
  const auto samples = read("id,a,w,b,y\n7,1,0.5,2,no\n8,3,1,4.5,yes\n",
                            {.targets = {"y"}, .dropped = {"id"}, .weights = "w"});
  EXPECT_EQ(samples.name, "t.csv");
  EXPECT_EQ(samples.x, Matrix<double>(2, 2, {1, 2, 3, 4.5}));
  EXPECT_EQ(samples.feature_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(samples.weights, (std::vector{0.5, 1.0}));
  EXPECT_EQ(samples.y.as_strings(), (std::vector<std::string>{"no", "yes"}));
  EXPECT_EQ(description(samples), "t.csv: 2 samples, 2 features, 2 classes");
}

TEST(CsvSamples, HeaderOrNot) {
  const ColumnChoice last{.targets = {"-1"}};
  EXPECT_EQ(read("1,2\n3,4\n", last).x.rows(), 2u);
  EXPECT_EQ(read("1,2\n", last).x.rows(), 1u);
  EXPECT_EQ(read("5.1,setosa\n4.9,setosa\n", last).x.rows(), 2u);
  EXPECT_EQ(read("1,2\n3,4\n", {.targets = {"2"}, .header = Header::yes}).feature_names.front(),
            "1");
  EXPECT_THROW_WITH(read("a,b\n1,2\n", {.targets = {"-1"}, .header = Header::no}), DataError,
                    "t.csv, line 1, column 1: 'a' is not a number");
  EXPECT_THROW_WITH(read("?,0\n1,1\n", last), DataError,
                    "t.csv, line 1, column 1: the value of 'x1' is missing ('?')");
  EXPECT_THROW_WITH(read("?,0\n1,1\n", last), DataError,
                    "if this line has the names, say --header yes");
}

TEST(CsvSamples, ANameOfTheFirstLineMakesItAHeader) {
  const auto samples = read("2019,2021,y\n1,2,0\n3,4,1\n", {.targets = {"y"}});
  EXPECT_EQ(samples.feature_names, (std::vector<std::string>{"2019", "2021"}));
  const ModelFeatures model{2, {"2021", "2019"}};
  const skarma::test::TemporaryFolder folder;
  const auto data = read_csv_data(folder.write("t.csv", "2019,2021\n1,2\n3,4\n"),
                                  {.needs_target = false, .model = &model});
  EXPECT_EQ(data.x, Matrix<double>(2, 2, {2, 1, 4, 3}));
}

TEST(CsvSamples, SaysWhatWasFound) {
  const auto found = [](std::string_view text, const ColumnChoice& choice) {
    const std::string line = read(text, choice).found;
    return line.substr(line.find("t.csv"));
  };
  EXPECT_EQ(found("a;b;y\n1;2;no\n3;4;yes\n", {}),
            "t.csv: 2 rows of 3 columns separated by semicolons, with a header; target 'y' (the "
            "last column): 2 classes ('no', 'yes')");
  EXPECT_EQ(found("# c\n1,0.5\n", {.targets = {"2"}}),
            "t.csv: 1 row of 2 columns separated by commas, no header, below 1 line of comment; "
            "target 'x2': a number to predict");
  const ModelFeatures model{1, {"a"}};
  EXPECT_EQ(found("a,y\n1,0\n", {.model = &model}),
            "t.csv: 1 row of 2 columns separated by commas, with a header; features by their "
            "names; target 'y' (the last column): 1 class (0)");
}

TEST(CsvSamples, TruthValuesAreNumbers) {
  EXPECT_EQ(read("a,y\nTrue,0\nFalse,1\n", {}).x, Matrix<double>(2, 1, {1, 0}));
}

TEST(CsvSamples, WeightsAreNumbersAndNothingElse) {
  const auto fails = [](std::string_view text, const std::string& part) {
    EXPECT_THROW_WITH(read(text, {.targets = {"y"}, .weights = "w"}), DataError, part);
  };
  fails("a,w,y\n1,0.5,0\n2,True,1\n",
        "t.csv, line 3, column 2: 'True' is not a number; the column has the weights");
  fails("a,w,y\n1,0.5,0\n2,x,1\n", "the column has the weights");
}

TEST(CsvSamples, DroppedColumnsMayHoldAnything) {
  EXPECT_EQ(read("a,b,y\n1,,0\n2,word,1\n", {.targets = {"y"}, .dropped = {"b"}}).x.cols(), 1u);
}

TEST(CsvSamples, ErrorsNameFileLineAndColumn) {
  const auto fails = [](std::string_view text, const std::string& part) {
    EXPECT_THROW_WITH(read(text, {.targets = {"y"}}), DataError, part);
  };
  fails("", "t.csv: the file is empty");
  fails("a,y\n", "t.csv: there is a header and no samples");
  fails("a,y\n1,2\n3,4,5\n", "t.csv, line 3: the line has 3 cells, the first line has 2");
  fails("a,y\n1,2\n3\n", "t.csv, line 3: the line has 1 cell, the first line has 2");
  fails("a,y\n1,2\nx,4\n",
        "t.csv, line 3, column 1: 'x' is not a number; write categories as columns of 0 and 1; "
        "--drop 'a' leaves the column out");
  fails("a,y\n1,2\n,4\n", "t.csv, line 3, column 1: the cell is empty ('a')");
  fails("a,y\nnan,2\n", "t.csv, line 2, column 1: the value of 'a' is missing ('nan')");
  fails("a,y\n1,2\ninf,4\n", "t.csv, line 3, column 1: 'inf' is not a finite number");
  fails("a,y\n1,2\n1e999,4\n", "t.csv, line 3, column 1: '1e999'");
  fails("a,y\n1,2\n# end\n", "line 3: the line has 1 cell, the first line has 2; comments (#)");
  fails("a,y\n1,\n", "t.csv, line 2, column 2: the target 'y' is empty");
}

}  // namespace
}  // namespace skarma::cli
