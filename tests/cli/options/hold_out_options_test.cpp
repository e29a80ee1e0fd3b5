#include <skarma/cli/options/hold_out_options.hpp>

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <skarma/tests/support/messages.hpp>

namespace skarma::cli {
namespace {

Samples hundred(Task task) {
  std::vector<int> y(100);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = i < 80 ? 0 : 1;
  return {"hundred", Matrix<double>(100, 1), {}, y, {}, task};
}

TrainTest split(std::vector<std::string> arguments, Task task = Task::classification) {
  CLI::App app;
  HoldOutOptions options;
  options.add_to(app, "Data");
  std::reverse(arguments.begin(), arguments.end());
  app.parse(std::move(arguments));
  return options.split(hundred(task));
}

TEST(HoldOutOptions, NothingIsHeldOutUnlessAsked) {
  const auto rows = split({});
  std::vector<RowIndex> all(100);
  std::iota(all.begin(), all.end(), RowIndex{0});
  EXPECT_EQ(rows.train, all);
  EXPECT_TRUE(rows.test.empty());
}

TEST(HoldOutOptions, APartOrACountStratifiedForAClassifier) {
  const auto of_the_second = [](const std::vector<RowIndex>& rows) {
    return std::count_if(rows.begin(), rows.end(), [](RowIndex row) { return row >= 80; });
  };
  EXPECT_EQ(split({"--test-size", "0.25"}).test.size(), 25U);
  EXPECT_EQ(of_the_second(split({"--test-size", "0.25"}).test), 5);
  EXPECT_EQ(split({"--test-size", "10"}).test.size(), 10U);
  EXPECT_EQ(split({"--test-size", "10"}, Task::regression).test.size(), 10U);
  EXPECT_NE(split({"--test-size", "10"}).test, split({"--test-size=10", "--split-seed=1"}).test);
}

TEST(HoldOutOptions, WhatCannotBeTakenIsNamed) {
  EXPECT_THROW_WITH(split({"--test-size", "half"}), std::invalid_argument, "--test-size");
  EXPECT_THROW_WITH(split({"--test-size", "100"}), std::invalid_argument, "test_size=100");
}

}  // namespace
}  // namespace skarma::cli
