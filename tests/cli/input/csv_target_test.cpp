#include <skarma/cli/input/csv_target.hpp>

#include <gtest/gtest.h>

#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma::cli {
namespace {

using Cells = std::vector<std::string>;

TargetColumn column_of(Cells cells) {
  TargetColumn column{"y", 3, std::move(cells), {}};
  for (std::size_t row = 0; row < column.cells.size(); ++row) column.lines.push_back(row + 2);
  return column;
}

CsvTarget read(Cells cells, TaskChoice task = TaskChoice::detected) {
  return read_target("t.csv", {column_of(std::move(cells))}, task);
}

TEST(CsvTarget, WordsAreClasses) {
  const auto target = read({"b", "a", "b"});
  EXPECT_EQ(target.task, Task::classification);
  EXPECT_EQ(target.y.as_strings(), (Cells{"b", "a", "b"}));
}

TEST(CsvTarget, FewWholeNumbersAreClasses) {
  const auto target = read({"2", "0", "2.0"});
  EXPECT_EQ(target.task, Task::classification);
  EXPECT_EQ(target.y.as_ints(), (std::vector{2, 0, 2}));
  Cells many;
  for (int i = 0; i < 21; ++i) many.push_back(std::to_string(i));
  EXPECT_EQ(read(many).task, Task::regression);
  EXPECT_EQ(read(many, TaskChoice::classification).task, Task::classification);
}

TEST(CsvTarget, FractionsArePredicted) {
  const auto target = read({"1.5", "2", "-3"});
  EXPECT_EQ(target.task, Task::regression);
  EXPECT_EQ(target.y.values().values(), (std::vector{1.5, 2.0, -3.0}));
  EXPECT_EQ(read({"0", "1"}, TaskChoice::regression).task, Task::regression);
}

TEST(CsvTarget, OneTaskWhereAnotherWasGuessed) {
  EXPECT_EQ(read({"1", "2", "three"}, TaskChoice::classification).y.as_strings(),
            (Cells{"1", "2", "three"}));
  EXPECT_THROW_WITH(read({"0.5", "1.5"}, TaskChoice::classification), UsageError,
                    "--target y: numbers with fractions are no classes; use --task regression.");
}

TEST(CsvTarget, CellsThatDoNotFitNameTheirPlace) {
  EXPECT_THROW_WITH(read({"1.5", "2", "two"}), DataError,
                    "t.csv, line 4, column 3: the target 'y' is not a finite number here but "
                    "'two'; --task classification takes all as words");
  EXPECT_THROW_WITH(read({"a", ""}), DataError, "t.csv, line 3, column 3: the target 'y' is empty");
  EXPECT_THROW_WITH(read({"1.5", "nan", "2"}), DataError, "line 3, column 3");
  EXPECT_THROW_WITH(read({"a", "b"}, TaskChoice::regression), DataError, "line 2, column 3");
}

TEST(CsvTarget, LabelsOfManyDigitsAreNotRounded) {
  const auto target = read({"6120000000000000001", "6120000000000000002", "6120000000000000001"});
  EXPECT_EQ(target.task, Task::classification);
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(target.y.classes()),
            (std::vector<std::int64_t>{6120000000000000001, 6120000000000000002}));
  EXPECT_EQ(read({"99999999999999999999", "1"}).y.as_strings(),
            (Cells{"99999999999999999999", "1"}));
}

TEST(CsvTarget, ZerosInFrontMakeAName) {
  EXPECT_EQ(read({"007", "7", "12"}).y.as_strings(), (Cells{"007", "7", "12"}));
  EXPECT_EQ(read({"00", "01"}, TaskChoice::classification).y.as_strings(), (Cells{"00", "01"}));
  EXPECT_EQ(read({"0", "-0", "10"}).y.as_ints(), (std::vector{0, 0, 10}));
  EXPECT_EQ(read({"007", "7"}, TaskChoice::regression).task, Task::regression);
}

TEST(CsvTarget, WhatIsMissingIsNoClass) {
  for (const char* cell : {"nan", "NaN", "?", "#N/A"}) {
    for (const auto task : {TaskChoice::detected, TaskChoice::classification, TaskChoice::words}) {
      EXPECT_THROW_WITH(read({"yes", "no", cell}, task), DataError,
                        "t.csv, line 4, column 3: the target 'y' is missing");
    }
  }
  EXPECT_THROW_WITH(read({"yes", "None"}), DataError, "--task classification if it is a class");
  EXPECT_EQ(read({"yes", "None"}, TaskChoice::classification).y.as_strings(),
            (Cells{"yes", "None"}));
  EXPECT_EQ(read({"yes", "NA"}, TaskChoice::words).y.as_strings(), (Cells{"yes", "NA"}));
}

TEST(CsvTarget, NumbersWrittenOtherwiseAreNoWords) {
  EXPECT_THROW_WITH(read({"0,5", "1,25", "2,5"}), DataError, "with a decimal point");
  EXPECT_EQ(read({"0,5", "1,25"}, TaskChoice::classification).task, Task::classification);
}

TEST(CsvTarget, WhatAModelAsksFor) {
  EXPECT_EQ(read({"1", "2"}, TaskChoice::words).y.as_strings(), (Cells{"1", "2"}));
  EXPECT_EQ(read({"1", "007"}, TaskChoice::labels).y.as_ints(), (std::vector{1, 7}));
  EXPECT_EQ(read({"yes", "2"}, TaskChoice::labels).y.as_strings(), (Cells{"yes", "2"}));
  EXPECT_EQ(read({"0.5", "2"}, TaskChoice::labels).y.as_doubles(), (std::vector{0.5, 2.0}));
  EXPECT_THROW_WITH(read({"1", "yes"}, TaskChoice::numbers), DataError,
                    "but 'yes'; the model predicts numbers");
}

TEST(CsvTarget, SeveralColumns) {
  const auto flags =
      read_target("t.csv", {column_of({"0", "1"}), column_of({"1", "1"})}, TaskChoice::detected);
  EXPECT_EQ(flags.task, Task::classification);
  EXPECT_EQ(flags.y.type(), TargetType::multilabel);
  const auto numbers =
      read_target("t.csv", {column_of({"0.5", "1"}), column_of({"1", "1"})}, TaskChoice::detected);
  EXPECT_EQ(numbers.task, Task::regression);
  EXPECT_EQ(numbers.y.values().values(), (std::vector{0.5, 1.0, 1.0, 1.0}));
  EXPECT_THROW_WITH(
      read_target("t.csv", {column_of({"a"}), column_of({"1"})}, TaskChoice::detected), DataError,
      "several targets must be numbers");
  EXPECT_THROW_WITH(
      read_target("t.csv", {column_of({"2"}), column_of({"1"})}, TaskChoice::classification),
      UsageError, "hold 0 and 1 alone");
}

}  // namespace
}  // namespace skarma::cli
