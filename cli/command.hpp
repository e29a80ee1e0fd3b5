#pragma once

#include <functional>

#include <skarma/cli/output/console.hpp>

namespace CLI {
class App;
}

namespace skarma::cli {

/// What a command does once its arguments are read. Returns the exit code.
using Action = std::function<int(const Console&)>;

// Each adds its command with flags, help and an example, and returns what it does.
Action add_grid_search(CLI::App& app);
Action add_fit(CLI::App& app);
Action add_predict(CLI::App& app);
Action add_score(CLI::App& app);
Action add_datasets(CLI::App& app);
Action add_info(CLI::App& app);
Action add_journal(CLI::App& app);
Action add_help(CLI::App& app);

}  // namespace skarma::cli
