#include <skarma/cli/options/data_options.hpp>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/usage_error.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

Samples load(std::vector<std::string> arguments) {
  CLI::App app;
  DataOptions options;
  options.add_to(app);
  std::reverse(arguments.begin(), arguments.end());
  app.parse(std::move(arguments));
  return options.load();
}

TEST(DataOptions, EmbeddedDataSets) {
  EXPECT_EQ(load({"--dataset", "iris"}).task, Task::classification);
  EXPECT_EQ(load({"--dataset", "diabetes"}).task, Task::regression);
  EXPECT_EQ(load({"--dataset", "iris", "--task", "regression"}).task, Task::regression);
  EXPECT_EQ(load({"--dataset", "diabetes", "--task=classification"}).task, Task::classification);
}

TEST(DataOptions, FilesWithTheirColumns) {
  const skarma::test::TemporaryFolder folder;
  const auto path = folder.write("t.csv", "1,2,3,4\n5,6,7,8\n");
  const auto samples = load({path, "--target", "-1", "--drop", "1", "--weights=2", "--header=no",
                             "--task", "regression"});
  EXPECT_EQ(samples.x, Matrix<double>(2, 1, {3, 7}));
  EXPECT_EQ(samples.weights, (std::vector{2.0, 6.0}));
  EXPECT_EQ(samples.task, Task::regression);
  EXPECT_EQ(load({path, "--target=4", "--target=3"}).y.n_outputs(), 2u);
}

TEST(DataOptions, MistypedWordsGetTheNearest) {
  EXPECT_THROW_WITH(load({"--dataset", "iris", "--task", "regresion"}), UsageError,
                    "'regression'?");
  EXPECT_THROW_WITH(load({"--dataset", "iris", "--header", "ja"}), UsageError, "auto, yes, no");
}

TEST(DataOptions, OneSourceExactly) {
  EXPECT_THROW_WITH(load({}), UsageError, "what to learn from?");
  EXPECT_THROW_WITH(load({"t.csv", "--dataset", "iris"}), UsageError, "not both");
  EXPECT_THROW_WITH(load({"iris"}), UsageError, "--dataset iris");
  EXPECT_THROW_WITH(load({"--dataset", "iris", "--drop", "a"}), UsageError, "columns of a file");
}

}  // namespace
}  // namespace skarma::cli
