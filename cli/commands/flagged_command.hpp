#pragma once

#include <memory>

#include <CLI/CLI.hpp>

#include <skarma/cli/command.hpp>

namespace skarma::cli {

/// Adds a command whose flags are a struct with a member add_to(CLI::App&).
template <class Flags>
Action add_flagged_command(CLI::App& app, const char* name, const char* what, const char* example,
                           int (*run)(const Flags&, const Console&)) {
  CLI::App* command = app.add_subcommand(name, what);
  command->footer(example);
  const auto flags = std::make_shared<Flags>();
  flags->add_to(*command);
  return [flags, run](const Console& console) { return run(*flags, console); };
}

}  // namespace skarma::cli
