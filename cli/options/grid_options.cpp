#include <skarma/cli/options/grid_options.hpp>

#include <CLI/CLI.hpp>

#include <skarma/cli/input/grid_file.hpp>
#include <skarma/cli/options/estimator_options.hpp>
#include <skarma/cli/signals.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/model_selection/grid_expression.hpp>

namespace skarma::cli {
namespace {

/// Sets every candidate on a copy of the estimator: a search must not fail half way.
void check_candidates(const Estimator& estimator, const ParameterGrid& grid) {
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const auto copy = estimator.clone();
    for (const auto& [name, value] : grid[i]) copy->set(name, value);
    copy->validate();
    copy->check_device();
  }
}

}  // namespace

void GridOptions::add_to(CLI::App& command) {
  command
      .add_option("--grid", expressions_,
                  "Values to try for a parameter; may be repeated. VALUES: 0.1,1,10 or "
                  "logspace(-3,3,7), linspace(0,1,5), range(10,50,10), or lists (100,),(50,50) and "
                  "[relu,tanh].")
      ->type_name("NAME=VALUES")
      ->allow_extra_args(false)
      ->group("Search");
  command
      .add_option("--grid-file", file_,
                  "The same as a JSON file: {\"alpha\": [0.1, 1]}, or a list of such objects.")
      ->type_name("FILE")
      ->group("Search");
}

std::vector<ParamGrid> GridOptions::read() const {
  if (!file_.empty() && !expressions_.empty()) {
    throw UsageError("give --grid or --grid-file, not both.");
  }
  if (!file_.empty()) {
    const NothingToLose scope;
    return read_grid_file(file_);
  }
  ParamGrid grid;
  for (const std::string& text : expressions_) grid.push_back(parse_grid_expression(text));
  return {grid};
}

ParameterGrid GridOptions::make(const Estimator& estimator) const {
  std::vector<ParamGrid> grids = read();
  for (ParamGrid& grid : grids) {
    for (auto& [name, values] : grid) name = full_parameter_name(estimator, name);
  }
  ParameterGrid all(std::move(grids));
  check_candidates(estimator, all);
  return all;
}

}  // namespace skarma::cli
