#include <CLI/CLI.hpp>

#include <skarma/cli/command.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/cli/output/text_table.hpp>
#include <skarma/datasets/embedded.hpp>

namespace skarma::cli {
namespace {

using enum TextTable::Align;

std::string target_text(const Dataset& data) {
  return data.target_names.empty() ? "number"
                                   : std::to_string(data.target_names.size()) + " classes";
}

int list_datasets(const Console& console) {
  std::vector<std::string> names, samples, features, targets, descriptions;
  for (const std::string_view name : dataset_names()) {
    const Dataset data = load_dataset(name);
    names.push_back(data.name);
    samples.push_back(std::to_string(data.x.rows()));
    features.push_back(std::to_string(data.x.cols()));
    targets.push_back(target_text(data));
    descriptions.push_back(data.description);
  }
  TextTable table;
  table.add_column("name", left, std::move(names));
  table.add_column("samples", right, std::move(samples));
  table.add_column("features", right, std::move(features));
  table.add_column("target", left, std::move(targets));
  table.add_column("what it is", left, std::move(descriptions));
  console.print(table.text(console.colour));
  return kDone;
}

}  // namespace

Action add_datasets(CLI::App& app) {
  CLI::App* command = app.add_subcommand("datasets", "List the data sets inside the program.");
  command->footer("Example:\n  skarma datasets");
  return list_datasets;
}

}  // namespace skarma::cli
