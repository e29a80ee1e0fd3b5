#include <skarma/cli/data_options.hpp>

#include <CLI/CLI.hpp>

#include <skarma/cli/usage_error.hpp>
#include <skarma/datasets/embedded.hpp>

namespace skarma::cli {
namespace {

Samples from_dataset(Dataset data) {
  const bool numbers = std::holds_alternative<std::vector<double>>(data.y);
  return {.name = std::move(data.name),
          .x = std::move(data.x),
          .feature_names = std::move(data.feature_names),
          .y = std::visit([](const auto& y) { return Target(y); }, data.y),
          .weights = {},
          .task = numbers ? Task::regression : Task::classification};
}

}  // namespace

void DataOptions::add_to(CLI::App& command) {
  command.add_option("--dataset", dataset_, "A data set inside the program (see skarma datasets).")
      ->type_name("NAME")
      ->group("Data");
}

Samples DataOptions::load() const {
  if (dataset_.empty()) throw UsageError("what to learn from? Name a data set with --dataset.");
  return from_dataset(judged([&] { return load_dataset(dataset_); }));
}

}  // namespace skarma::cli
