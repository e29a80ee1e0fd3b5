#include <skarma/cli/grid_options.hpp>

#include <CLI/CLI.hpp>

#include <skarma/cli/estimator_options.hpp>
#include <skarma/model_selection/grid_expression.hpp>

namespace skarma::cli {
namespace {

/// Sets every candidate on a copy of the estimator: a search must not fail half way.
void check_candidates(const Estimator& estimator, const ParameterGrid& grid) {
  for (const ParamSet& candidate : grid.candidates()) {
    const auto copy = estimator.clone();
    for (const auto& [name, value] : candidate) copy->set(name, value);
    copy->validate();
  }
}

}  // namespace

void GridOptions::add_to(CLI::App& command) {
  command
      .add_option("--grid", expressions_,
                  "Values to try for a parameter; may be repeated. VALUES: 0.1,1,10 or "
                  "logspace(-3,3,7), linspace(0,1,5), range(10,50,10), or tuples (100,),(50,50).")
      ->type_name("NAME=VALUES")
      ->allow_extra_args(false)
      ->group("Search");
}

ParameterGrid GridOptions::make(const Estimator& estimator) const {
  ParamGrid grid;
  for (const std::string& expression : expressions_) {
    auto [name, values] = parse_grid_expression(expression);
    grid.emplace_back(full_parameter_name(estimator, name), std::move(values));
  }
  ParameterGrid all(std::move(grid));
  check_candidates(estimator, all);
  return all;
}

}  // namespace skarma::cli
